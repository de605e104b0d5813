#pragma once
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "sseg/core/error.hpp"
#include "sseg/io/wire_record.hpp"
#include "sseg/io/wire_writer.hpp"
#include "sseg/meta/field_text.hpp"
#include "sseg/report/event_summary.hpp"

namespace sseg {

/// Writes one of TensorBoard's event files (TFRecords of tensorflow.Event), `events.out.tfevents.TIME.HOST.sseg`.
/// TensorBoard reads the files of a folder as one run, in the order of their names, and never goes back to an earlier
/// one: a new file's TIME is therefore above that of every file that is there, and only the newest is written to.
/// The wall time stands in the events and nowhere else.
class EventWriter {
 public:
  /// A new file in `folder`. Throws: Error when it cannot be made.
  explicit EventWriter(const std::filesystem::path& folder) : path_(folder / next_name(folder)) {
    out_.open(path_, std::ios::binary | std::ios::trunc);
    check();
    write(event(0).bytes(3, "brain.Event:2"));
  }

  const std::filesystem::path& path() const { return path_; }

  /// Values of step `step`, on the disk when this returns. Throws: Error when they cannot be written.
  void write(Index step, const EventSummary& summary) {
    if (!summary.empty()) write(event(step).message(5, summary.message()));
  }
  /// Says that training begins or goes on here: what earlier files of the folder hold of `step` and later steps is
  /// void. TensorBoard takes the first such event of a run for its beginning, so a new run needs one too.
  void start(Index step) {
    constexpr Index session_start = 1;
    write(event(step).message(7, WireWriter().number(1, session_start)));
  }

  /// Seconds since 1970.
  static double now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  }

 private:
  static constexpr std::string_view prefix = "events.out.tfevents.";

  static WireWriter event(Index step) { return WireWriter().real(1, now()).number(2, step); }

  void write(const WireWriter& event) {
    const std::string record = wire_record(event.bytes());
    out_.write(record.data(), static_cast<std::streamsize>(record.size()));
    out_.flush();
    check();
  }
  void check() const {
    if (!out_) throw Error("cannot write the event file", path_.string(), "free disk space or choose another folder");
  }

  static std::string next_name(const std::filesystem::path& folder) {
    auto time = static_cast<Index>(now());
    std::error_code absent;
    for (const auto& entry : std::filesystem::directory_iterator(folder, absent)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(prefix)) continue;
      const auto other =
          from_text_value<Index>(name.substr(prefix.size(), name.find('.', prefix.size()) - prefix.size()));
      if (other && *other < longest_time) time = std::max(time, *other + 1);
    }
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%010td", time);
    return std::string(prefix) + digits.data() + "." + host() + ".sseg";
  }
  static constexpr Index longest_time = 9'999'999'999;  ///< ten digits sort by name as by number

  static std::string host() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "host";
    std::replace(name.begin(), name.end(), '/', '-');
    return name.data();
  }

  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace sseg
