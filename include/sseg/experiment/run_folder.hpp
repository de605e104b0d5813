#pragma once
#include <chrono>
#include <ctime>
#include <filesystem>
#include <string>
#include <system_error>

#include "sseg/core/error.hpp"
#include "sseg/io/atomic_file.hpp"

namespace sseg {

/// The folder of one run, `ROOT/NAME/YYYY-mm-dd_HH-MM-SS`, and the names of the files in it. A run is never written
/// over: a folder of the same second gets a number. `ROOT/NAME/latest` points to the newest.
class RunFolder {
 public:
  /// Makes a new folder. Throws: Error when it cannot be made.
  static RunFolder create(const std::filesystem::path& root, const std::string& name) {
    if (name.empty() || name.find('/') != name.npos || name == "." || name == "..")
      throw Error("'" + name + "' is no name for a run", "name", "give a plain word");
    const auto parent = root / name;
    std::error_code error;
    std::filesystem::create_directories(parent, error);
    for (int n = 0; n < 1000 && !error; ++n) {
      auto path = parent / (now_text() + (n ? "_" + std::to_string(n) : ""));
      if (std::filesystem::create_directory(path, error)) {
        point_latest(parent, path.filename());
        return RunFolder(path);
      }
    }
    throw Error("cannot make a run folder: " + error.message(), parent.string(),
                "choose another place with --output_dir");
  }
  /// An existing folder, to go on with.
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.yaml"; }
  std::filesystem::path metrics() const { return path_ / "metrics.csv"; }
  std::filesystem::path metrics_json_lines() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path sensitivity() const { return path_ / "sensitivity.csv"; }
  std::filesystem::path meta() const { return path_ / "meta.json"; }
  std::filesystem::path history() const { return path_ / "history.json"; }
  std::filesystem::path checkpoint() const { return path_ / "checkpoint.safetensors"; }
  std::filesystem::path evaluation() const { return path_ / "eval.json"; }

 private:
  static std::string now_text() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm local{};
    localtime_r(&now, &local);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d_%H-%M-%S", &local);
    return text;
  }
  /// A convenience: where links cannot be made there is none.
  static void point_latest(const std::filesystem::path& parent, const std::filesystem::path& target) {
    std::error_code ignored;
    const auto next = parent / ".latest.next";
    std::filesystem::remove(next, ignored);
    std::filesystem::create_directory_symlink(target, next, ignored);
    if (!ignored) std::filesystem::rename(next, parent / "latest", ignored);
  }

  std::filesystem::path path_;
};

}  // namespace sseg
