#pragma once
#include <bit>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/pickle_opcode.hpp"

namespace sseg::detail {

/// The place in a pickle's bytes: takes opcodes and their arguments off the front, and knows what to say when they do
/// not make sense.
class PickleCursor {
 public:
  PickleCursor(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  static constexpr const char* damaged = "The pickle is damaged or cut short: fetch or write it again.";
  static constexpr const char* unsafe =
      "Only plain values and numpy arrays are read, and no code is run: save the data as dicts, lists, texts and "
      "arrays.";

  [[noreturn]] void fail(const std::string& what, const std::string& cure = damaged) const {
    const std::string_view name = has_op_ ? name_of(op_) : std::string_view{};
    throw Error(what,
                where_ + ": byte " + std::to_string(begin_) + (name.empty() ? "" : ", opcode ") + std::string(name),
                cure);
  }

  Index size() const { return static_cast<Index>(bytes_.size()); }

  PickleOp next_op() {
    begin_ = at_;
    has_op_ = false;
    if (at_ == bytes_.size()) fail("the pickle ends without its STOP");
    has_op_ = true;
    op_ = static_cast<PickleOp>(static_cast<unsigned char>(bytes_[at_++]));
    return op_;
  }

  void check_left(std::uint64_t count) const {
    if (count > bytes_.size() - at_)
      fail("the pickle claims " + std::to_string(count) + " bytes, and " + std::to_string(bytes_.size() - at_) +
           " are left");
  }
  std::string_view take(std::uint64_t count) {
    check_left(count);
    const auto taken = bytes_.substr(at_, static_cast<std::size_t>(count));
    at_ += taken.size();
    return taken;
  }
  /// An unsigned number of `count` <= 8 bytes, the lowest first.
  std::uint64_t number(std::uint64_t count) {
    const auto b = take(count);
    std::uint64_t n = 0;
    for (std::size_t i = b.size(); i-- > 0;) n = n << 8U | static_cast<unsigned char>(b[i]);
    return n;
  }
  /// The same where it fits a signed number: of `count` < 8 bytes.
  std::int64_t as_signed(std::uint64_t count) { return static_cast<std::int64_t>(number(count)); }
  /// A length of four bytes with a sign, as the older opcodes have it.
  std::uint64_t signed_length() {
    const auto n = static_cast<std::int32_t>(static_cast<std::uint32_t>(number(4)));
    if (n < 0) fail("a length of " + std::to_string(n) + " bytes");
    return static_cast<std::uint64_t>(n);
  }
  /// A two's complement number of `count` bytes, the lowest first.
  std::int64_t long_number(std::uint64_t count) {
    if (count == 0) return 0;
    if (count > 8) fail("a whole number beyond 64 bits", unsafe);
    const auto unused = 64U - 8U * static_cast<unsigned>(count);
    return static_cast<std::int64_t>(number(count) << unused) >> unused;
  }
  double big_endian_double() {
    std::uint64_t n = 0;
    for (const char c : take(8)) n = n << 8U | static_cast<unsigned char>(c);
    return std::bit_cast<double>(n);
  }
  /// What precedes the next end of line, which is taken too.
  std::string_view line() {
    const auto end = bytes_.find('\n', at_);
    if (end == bytes_.npos) fail("a line without an end");
    const auto text = bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return text;
  }
  /// The number that a whole line writes in decimal.
  template <class T>
  T line_number(std::string_view text) {
    T n{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error == std::errc::result_out_of_range) fail("a number out of range: '" + shown(text) + "'", unsafe);
    if (error != std::errc() || end != text.data() + text.size()) fail("not a number: '" + shown(text) + "'");
    return n;
  }

  /// A text of the pickle as a message may show it: cut short, and without control characters.
  static std::string shown(std::string_view text) {
    constexpr std::size_t most = 60;
    std::string safe(text.substr(0, most));
    for (char& c : safe)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text.size() > most ? safe + "..." : safe;
  }

 private:
  std::string_view bytes_;
  const std::string& where_;
  std::size_t at_ = 0, begin_ = 0;
  PickleOp op_ = PickleOp::none;
  bool has_op_ = false;
};

}  // namespace sseg::detail
