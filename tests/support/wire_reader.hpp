#pragma once
#include <bit>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace sseg_test {

/// One field of a message in protocol buffers' wire format: a number (wire types 0, 1, 5) or bytes (2).
struct WireField {
  std::uint32_t number = 0;
  std::uint64_t value = 0;
  std::string bytes{};
  double as_double() const { return std::bit_cast<double>(value); }
  float as_float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(value)); }
};

/// The fields of a message in order. Written from the format's description, not from WireWriter.
class WireMessage {
 public:
  explicit WireMessage(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::uint64_t key = varint(bytes);
      WireField f{static_cast<std::uint32_t>(key >> 3)};
      switch (key & 7) {
        case 0:
          f.value = varint(bytes);
          break;
        case 1:
          f.value = fixed(bytes, 8);
          break;
        case 2:
          f.bytes = take(bytes, varint(bytes));
          break;
        case 5:
          f.value = fixed(bytes, 4);
          break;
        default:
          throw std::runtime_error("no such wire type");
      }
      fields.push_back(std::move(f));
    }
  }

  /// All fields of that number.
  std::vector<WireField> all(std::uint32_t number) const {
    std::vector<WireField> found;
    for (const WireField& f : fields)
      if (f.number == number) found.push_back(f);
    return found;
  }
  bool has(std::uint32_t number) const { return !all(number).empty(); }
  /// The one field of that number.
  WireField at(std::uint32_t number) const {
    const auto found = all(number);
    if (found.size() != 1) throw std::runtime_error("field " + std::to_string(number) + " is not there once");
    return found.front();
  }
  WireMessage message(std::uint32_t number) const { return WireMessage(at(number).bytes); }
  std::string text(std::uint32_t number) const { return at(number).bytes; }

  std::vector<WireField> fields;

 private:
  static std::string take(std::string_view& from, std::uint64_t count) {
    if (count > from.size()) throw std::runtime_error("the message is cut off");
    const std::string part(from.substr(0, count));
    from.remove_prefix(count);
    return part;
  }
  static std::uint64_t fixed(std::string_view& from, int count) {
    const std::string part = take(from, static_cast<std::uint64_t>(count));
    std::uint64_t value = 0;
    for (int i = count - 1; i >= 0; --i)
      value = value << 8 | static_cast<unsigned char>(part[static_cast<std::size_t>(i)]);
    return value;
  }
  static std::uint64_t varint(std::string_view& from) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(from, 1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw std::runtime_error("a varint is too long");
  }
};

/// Packed words of 8 bytes, packed varints.
inline std::vector<double> packed_doubles(const std::string& bytes) {
  std::vector<double> values;
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    for (std::size_t i = 8; i-- > 0;) word = word << 8 | static_cast<unsigned char>(bytes[at + i]);
    values.push_back(std::bit_cast<double>(word));
  }
  return values;
}
inline std::vector<std::int64_t> packed_numbers(const std::string& bytes) {
  std::vector<std::int64_t> values;
  std::uint64_t value = 0;
  int shift = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    shift += 7;
    if (byte >= 0x80) continue;
    values.push_back(static_cast<std::int64_t>(value));
    value = 0;
    shift = 0;
  }
  return values;
}

}  // namespace sseg_test
