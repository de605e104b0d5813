#pragma once
#include <stdexcept>
#include <string>
#include <utility>

namespace sseg {

/// A run-time failure that says what went wrong, where, and how to cure it.
class Error : public std::runtime_error {
 public:
  [[gnu::cold, gnu::noinline]] Error(const std::string& what_happened, std::string where, std::string cure)
      : std::runtime_error("sseg: " + what_happened + "\n  where: " + where + "\n  cure:  " + cure),
        what_happened_(what_happened),
        where_(std::move(where)),
        cure_(std::move(cure)) {}

  const std::string& what_happened() const noexcept { return what_happened_; }
  const std::string& where() const noexcept { return where_; }
  const std::string& cure() const noexcept { return cure_; }

 private:
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
