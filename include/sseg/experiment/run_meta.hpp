#pragma once
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/library_version.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/experiment/git_revision.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/utf8.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// How a run was made: what a reader of its results may ask later, and what decides none of them. meta.json holds it.
struct RunMeta {
  std::string program{};
  std::vector<std::string> command{};  ///< of the last sitting, word by word, the program first
  std::string version{};               ///< of this library
  std::string compiler{};
  std::string revision{};  ///< of the git work tree that the program was started in; "" outside of one
  std::string cpu{};
  std::string arithmetic{};  ///< of the backend (BasicCpu::arithmetic): two of them round differently
  Index threads = 0;
  std::string started{}, ended{};  ///< UTC, "2026-11-28T15:04:47Z"; `ended` is "" while it runs
  double seconds = 0;              ///< wall-clock time of all sittings that ended
  double peak_memory_mb = 0;       ///< most memory that the process of the last sitting held at once
  Index resumed = 0;               ///< times that it went on after a stop
  std::string status = "running";  ///< running (or killed), finished, interrupted, failed
  std::uint64_t seed = 0;
  bool operator==(const RunMeta&) const = default;
};

}  // namespace sseg

SSEG_FIELDS(sseg::RunMeta, program, command, version, compiler, revision, cpu, arithmetic, threads, started, ended,
            seconds, peak_memory_mb, resumed, status, seed);

namespace sseg {

namespace detail {

constexpr std::string_view compiler_name() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "gcc " __VERSION__;
#else
  return "unknown";
#endif
}

inline std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

/// The processor's name in the words of /proc/cpuinfo; "" where there is no such file, or no name in it.
inline std::string cpu_name(const std::filesystem::path& cpuinfo = "/proc/cpuinfo") {
  std::ifstream in(cpuinfo);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name")) {
      const auto at = line.find_first_not_of(" \t", line.find(':') + 1);
      return line.find(':') == line.npos || at == line.npos ? "" : line.substr(at);
    }
  return "";
}

/// Most memory that this process held at once, in MB (10⁶ bytes); 0 where the system does not say.
inline double peak_memory_mb() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<double>(usage.ru_maxrss) * 1.024e-3 : 0;
}

}  // namespace detail

/// What of a backend decides results by rounding, in words; its name where it says nothing.
template <class B>
std::string arithmetic_of(const B& backend) {
  if constexpr (requires { backend.arithmetic(); })
    return backend.arithmetic();
  else
    return std::string(B::name);
}

/// Throws: Error when the file cannot be read or is no meta.json.
inline RunMeta read_run_meta(const std::filesystem::path& file) {
  RunMeta meta;
  fields_from_json(parse_json(read_file(file, 1 << 24), file.string()), meta, file.string());
  return meta;
}

/// Keeps a run's meta.json while a program works on it: writes it at once with the status "running", and again when the
/// work ends. A run that goes on keeps its first start and adds up its seconds.
class RunMetaFile {
 public:
  /// `command`: the words of the command line. Throws: Error when the file cannot be written.
  RunMetaFile(std::filesystem::path file, const std::vector<std::string>& command, int threads, std::uint64_t seed,
              std::string arithmetic = "")
      : file_(std::move(file)), meta_(earlier(file_)), seconds_before_(meta_.seconds) {
    meta_.command.clear();
    for (const std::string& word : command) meta_.command.push_back(as_utf8(word));
    meta_.program = command.empty() ? "" : std::filesystem::path(meta_.command.front()).filename().string();
    meta_.version = library_version;
    meta_.compiler = detail::compiler_name();
    meta_.revision = git_revision(".");
    meta_.cpu = as_utf8(detail::cpu_name());
    meta_.threads = threads;
    meta_.arithmetic = std::move(arithmetic);
    if (meta_.started.empty())
      meta_.started = detail::utc_now();
    else
      ++meta_.resumed;
    meta_.ended.clear();
    meta_.status = "running";
    meta_.seed = seed;
    write();
  }
  RunMetaFile(const RunMetaFile&) = delete;
  RunMetaFile& operator=(const RunMetaFile&) = delete;
  /// Without `end`, by an exception say, the work has failed.
  ~RunMetaFile() {
    try {
      if (meta_.status == "running") end("failed");
    } catch (const std::exception&) {  // the file still says that the run goes on
    }
  }

  /// The work is over: `status` is finished, interrupted or failed. Throws: Error when the file cannot be written.
  void end(std::string_view status) {
    meta_.status = status;
    meta_.ended = detail::utc_now();
    meta_.seconds = seconds_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    meta_.peak_memory_mb = detail::peak_memory_mb();
    write();
  }
  const RunMeta& meta() const { return meta_; }

 private:
  /// What an earlier sitting wrote. A damaged file must not keep a run from going on.
  static RunMeta earlier(const std::filesystem::path& file) {
    try {
      return read_run_meta(file);
    } catch (const Error&) {
      return {};
    }
  }
  void write() const { write_file_atomically(file_, to_text(fields_to_json(meta_), 2) + "\n"); }

  std::filesystem::path file_;
  RunMeta meta_;
  double seconds_before_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace sseg
