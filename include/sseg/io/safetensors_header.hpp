#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/json.hpp"
#include "sseg/io/safetensor.hpp"

namespace sseg::detail {

/// Where one tensor lies: bytes begin … end-1 after the header.
struct SafeTensorEntry {
  std::string name, dtype;
  std::vector<Index> shape;
  Index begin = 0, end = 0;
};

/// The header of a safetensors file, all of it checked: the entries lie in order, side by side, and fill the data.
struct SafeTensorsHeader {
  static constexpr Index max_bytes = 100'000'000;  ///< of the JSON text, as the format sets it

  std::map<std::string, std::string> metadata;
  std::vector<SafeTensorEntry> entries;
  Index data_begin = 0;
};

inline Index safetensors_index(const Json& number, const char* what, const std::string& where) {
  if (!number.is_number_unsigned() || number.get<std::uint64_t>() > static_cast<std::uint64_t>(PTRDIFF_MAX))
    throw Error(std::string(what) + " is not a whole number in range", where, "The file is damaged: fetch it again.");
  return static_cast<Index>(number.get<std::uint64_t>());
}

inline std::vector<Index> safetensors_indices(const Json& array, const char* what, const std::string& where) {
  if (!array.is_array())
    throw Error(std::string(what) + " is not a list", where, "The file is damaged: fetch it again.");
  std::vector<Index> numbers;
  for (const Json& number : array) numbers.push_back(safetensors_index(number, what, where));
  return numbers;
}

inline SafeTensorEntry parse_safetensors_entry(const std::string& name, const Json& value, const std::string& file) {
  const std::string where = file + ": tensor '" + name.substr(0, 200) + "'";
  const auto fail = [&](const std::string& what) { throw Error(what, where, "The file is damaged: fetch it again."); };
  const bool complete = value.is_object() && value.size() == 3 && value.contains("dtype") && value.contains("shape") &&
                        value.contains("data_offsets") && value["dtype"].is_string();
  if (!complete) fail("the entry is not {dtype, shape, data_offsets}");
  SafeTensorEntry entry{name, value["dtype"].get<std::string>(),
                        safetensors_indices(value["shape"], "an extent of the shape", where)};
  const auto offsets = safetensors_indices(value["data_offsets"], "a data offset", where);
  if (offsets.size() != 2 || offsets[0] > offsets[1]) fail("data_offsets is not [begin, end]");
  entry.begin = offsets[0];
  entry.end = offsets[1];
  const Index element = safetensor_element_bytes(entry.dtype);
  if (element == 0)
    throw Error("unknown element type '" + entry.dtype.substr(0, 50) + "'", where,
                "Convert the tensor to F32, or use a newer sseg.");
  const Index count = safetensor_byte_count(entry.shape, element);
  if (count < 0 || count != entry.end - entry.begin)
    fail("shape " + safetensor_shape_text(entry.shape) + " of " + entry.dtype + " does not fill its " +
         std::to_string(entry.end - entry.begin) + " bytes");
  return entry;
}

inline void parse_safetensors_metadata(const Json& value, SafeTensorsHeader& header, const std::string& file) {
  const auto fail = [&] {
    throw Error("__metadata__ does not map text to text", file, "The file is damaged: fetch it again.");
  };
  if (!value.is_object()) fail();
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) fail();
    header.metadata[key] = text.get<std::string>();
  }
}

/// Throws unless the entries, sorted by place, cover 0 … data_bytes-1 without hole or overlap.
inline void check_safetensors_layout(SafeTensorsHeader& header, Index data_bytes, const std::string& file) {
  std::sort(header.entries.begin(), header.entries.end(), [](const SafeTensorEntry& a, const SafeTensorEntry& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end != b.end ? a.end < b.end : a.name < b.name;
  });
  Index filled = 0;
  for (const auto& entry : header.entries) {
    const std::string where = file + ": tensor '" + entry.name.substr(0, 200) + "'";
    if (entry.end > data_bytes)
      throw Error("the file is truncated: the tensor ends at byte " + std::to_string(entry.end) + " of " +
                      std::to_string(data_bytes),
                  where, "Fetch or write the file again.");
    if (entry.begin != filled)
      throw Error(entry.begin < filled ? "the tensor overlaps another" : "unused bytes before the tensor", where,
                  "The file is damaged: fetch it again.");
    filled = entry.end;
  }
  if (filled != data_bytes)
    throw Error(std::to_string(data_bytes - filled) + " bytes too many after the last tensor", file,
                "The file is damaged: fetch it again.");
}

/// Reads and checks the header of the whole file `bytes`.
inline SafeTensorsHeader parse_safetensors_header(std::string_view bytes, const std::string& file) {
  constexpr std::size_t length_bytes = 8;
  if (bytes.size() < length_bytes)
    throw Error("too short for a safetensors file", file, "Check that it is the right file, whole.");
  std::uint64_t length = 0;
  for (std::size_t i = length_bytes; i-- > 0;) length = (length << 8) | static_cast<unsigned char>(bytes[i]);
  if (length > static_cast<std::uint64_t>(SafeTensorsHeader::max_bytes))
    throw Error("the header claims " + std::to_string(length) + " bytes; 100,000,000 is the limit", file,
                "Check that it is a safetensors file.");
  if (length > bytes.size() - length_bytes)
    throw Error("the file is truncated inside its header", file, "Fetch or write the file again.");
  const auto text = bytes.substr(length_bytes, static_cast<std::size_t>(length));
  if (text.empty() || text.front() != '{')
    throw Error("the header does not begin with '{'", file, "Check that it is a safetensors file.");

  SafeTensorsHeader header;
  header.data_begin = static_cast<Index>(length_bytes + text.size());
  const Json json = parse_json(text, file + " (header)");
  for (const auto& [name, value] : json.items()) {
    if (name == "__metadata__")
      parse_safetensors_metadata(value, header, file);
    else
      header.entries.push_back(parse_safetensors_entry(name, value, file));
  }
  check_safetensors_layout(header, static_cast<Index>(bytes.size()) - header.data_begin, file);
  return header;
}

}  // namespace sseg::detail
