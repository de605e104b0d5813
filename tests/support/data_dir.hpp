#pragma once
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace sseg_test {

/// A file or folder of the real data, e.g. `real_data("omniglot")`; empty where it is absent. The environment variable
/// SSEG_DATA_DIR goes before the folder that the build was configured with.
inline std::optional<std::filesystem::path> real_data(const std::string& name) {
  std::filesystem::path root;
  if (const char* chosen = std::getenv("SSEG_DATA_DIR")) {
    root = chosen;
  } else {
#ifdef SSEG_DEFAULT_DATA_DIR
    root = SSEG_DEFAULT_DATA_DIR;
#endif
  }
  if (root.empty() || !std::filesystem::exists(root / name)) return std::nullopt;
  return root / name;
}

}  // namespace sseg_test
