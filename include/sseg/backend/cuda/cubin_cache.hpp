#pragma once
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "sseg/io/atomic_file.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/word_sum.hpp"

namespace sseg::cuda {

/// Compiled kernels on the disk, so that a program compiles them once for a device (a second) and not in every run.
/// A file is named by the sum of all that the compilation depends on, and ends in the sum of its own bytes: one that
/// was cut off or changed is compiled anew. What cannot be written is no error. Anybody who may write into the folder
/// decides what runs on the device: it belongs to the user alone.
class CubinCache {
 public:
  /// An empty path: nothing is kept.
  explicit CubinCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// $XDG_CACHE_HOME/sseg, or ~/.cache/sseg, or nothing.
  static std::filesystem::path usual_folder() {
    const auto set = [](const char* text) { return text != nullptr && *text != '\0'; };
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); set(cache)) return std::filesystem::path(cache) / "sseg";
    if (const char* home = std::getenv("HOME"); set(home)) return std::filesystem::path(home) / ".cache" / "sseg";
    return {};
  }

  /// The kept code for `source` by that compiler for that architecture, or what compile() makes, which is then kept.
  template <class Compile>
  std::string get(const std::string& source, std::string_view compiler, int architecture, Compile&& compile) const {
    if (folder_.empty()) return compile();
    WordSum sum;
    sum.add(source);
    sum.add(compiler);
    const auto path = folder_ / ("kernels-" + sum.hex() + "-sm_" + std::to_string(architecture) + ".cubin");
    if (auto kept = read(path)) return *std::move(kept);
    std::string cubin = compile();
    write(path, cubin);
    return cubin;
  }

 private:
  using WordSum = sseg::detail::WordSum;
  static constexpr std::size_t sum_digits = 16;
  static constexpr Index most_bytes = Index{64} << 20;

  static std::string sum_of(std::string_view bytes) {
    WordSum sum;
    sum.add(bytes);
    return sum.hex();
  }
  static std::optional<std::string> read(const std::filesystem::path& path) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) return {};
    try {
      std::string bytes = read_file(path, most_bytes);
      if (bytes.size() < sum_digits) return {};
      const std::string sum = bytes.substr(bytes.size() - sum_digits);
      bytes.resize(bytes.size() - sum_digits);
      if (sum_of(bytes) != sum) return {};
      return bytes;
    } catch (const Error&) {
      return {};
    }
  }
  void write(const std::filesystem::path& path, const std::string& cubin) const {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    if (failed) return;
    try {
      write_file_atomically(path, cubin + sum_of(cubin));
    } catch (const Error&) {  // a full or read-only disk: it is compiled again next time
    }
  }

  std::filesystem::path folder_;
};

}  // namespace sseg::cuda
