#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace sseg {

/// A run-time failure that says what went wrong, where, and how to cure it.
class Error : public std::runtime_error {
 public:
  /// Views, and not inlined: so that the many places that throw one have no strings to make.
  [[gnu::cold, gnu::noinline]] Error(std::string_view what_happened, std::string_view where, std::string_view cure)
      : std::runtime_error(whole_text(what_happened, where, cure)),
        what_happened_(what_happened),
        where_(where),
        cure_(cure) {}

  const std::string& what_happened() const noexcept { return what_happened_; }
  const std::string& where() const noexcept { return where_; }
  const std::string& cure() const noexcept { return cure_; }

 private:
  static std::string whole_text(std::string_view what_happened, std::string_view where, std::string_view cure) {
    std::string text("sseg: ");
    text.append(what_happened).append("\n  where: ").append(where).append("\n  cure:  ").append(cure);
    return text;
  }

  std::string what_happened_;
  std::string where_;
  std::string cure_;
};

namespace detail {
/// Not inlined: a check costs its place a comparison, and the compiler little.
[[noreturn, gnu::cold, gnu::noinline]] inline void fail(const char* what, const char* where, const char* cure) {
  throw Error(what, where, cure);
}
}  // namespace detail

/// Throws `Error{what, where, cure}` unless `ok`. The texts are built only on failure when they are string literals.
inline void require(bool ok, const char* what, const char* where, const char* cure) {
  if (!ok) detail::fail(what, where, cure);
}

}  // namespace sseg
