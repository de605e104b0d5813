#pragma once
#include <filesystem>
#include <system_error>

namespace sseg::detail {

/// The folder or archive that a user means: the path, and for a pickle the folder it lies in.
inline std::filesystem::path folder_or_archive(const std::filesystem::path& path) {
  std::error_code unknown;
  const auto ending = path.extension();
  const bool pickle = (ending == ".pickle" || ending == ".pkl") && std::filesystem::is_regular_file(path, unknown);
  return pickle ? std::filesystem::absolute(path, unknown).parent_path() : path;
}

}  // namespace sseg::detail
