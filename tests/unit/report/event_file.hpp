#pragma once
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sseg/io/crc32c.hpp"
#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "support/wire_reader.hpp"

namespace sseg_test {

/// The events of a file, lengths and sums checked.
inline std::vector<WireMessage> events_in(const std::filesystem::path& file) {
  const std::string bytes = sseg::read_file(file, sseg::Index{1} << 28);
  const auto word = [&](std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
    return value;
  };
  std::vector<WireMessage> events;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint64_t length = word(at, 8);
    REQUIRE(word(at + 8, 4) == sseg::masked_crc32c(bytes.substr(at, 8)));
    const std::string data = bytes.substr(at + 12, length);
    REQUIRE(word(at + 12 + length, 4) == sseg::masked_crc32c(data));
    events.emplace_back(data);
    at += 16 + length;
  }
  return events;
}

/// The one event file of a folder, or the newest.
inline std::filesystem::path newest_event_file(const std::filesystem::path& folder) {
  std::filesystem::path newest;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().filename().string().starts_with("events.out.tfevents.")) newest = std::max(newest, entry.path());
  return newest;
}

/// One value with its step: the message `Summary.Value`.
struct EventValue {
  std::uint64_t step;
  WireMessage value;
};

/// All values of a file by their tag.
inline std::map<std::string, std::vector<EventValue>> values_in(const std::filesystem::path& file) {
  std::map<std::string, std::vector<EventValue>> values;
  for (const WireMessage& event : events_in(file)) {
    if (!event.has(5)) continue;
    for (const WireField& f : event.message(5).all(1)) {
      const WireMessage value(f.bytes);
      values[value.text(1)].push_back({event.at(2).value, value});
    }
  }
  return values;
}

}  // namespace sseg_test
