#pragma once
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

#include "sseg/io/zip.hpp"

namespace sseg_test {

/// Writes a zip archive of the given files; a name that ends in '/' makes a folder.
inline void make_zip(const std::filesystem::path& path, const std::map<std::string, std::string>& files) {
  int code = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  if (archive == nullptr) throw std::runtime_error("zip_open");
  for (const auto& [name, bytes] : files) {
    if (name.back() == '/') {
      zip_dir_add(archive, name.c_str(), ZIP_FL_ENC_UTF_8);
      continue;
    }
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    if (zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8) < 0) throw std::runtime_error("zip_file_add");
  }
  if (zip_close(archive) != 0) throw std::runtime_error("zip_close");
}

}  // namespace sseg_test
