#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/decode_idx.hpp"
#include "sseg/data/split.hpp"
#include "sseg/io/archive.hpp"

namespace sseg {

namespace detail {

/// A plain or packed IDX file; never more memory than its own head tells of.
inline std::string read_idx_file(const std::filesystem::path& path, int rank) {
  const auto header = read_idx_header(read_unpacked_start(path, idx_head_bytes), rank, path.string());
  return read_unpacked_file(path, header.head_bytes() + header.count());
}

inline std::filesystem::path find_idx_file(const std::filesystem::path& folder, const std::string& part,
                                           const std::string& what) {
  std::error_code unknown;
  for (const char* between : {"-", "."})
    for (const char* packed : {"", ".gz"}) {
      auto path = folder / part;
      path += between;
      path += what;
      path += packed;
      if (std::filesystem::exists(path, unknown)) return path;
    }
  throw Error("there is no file '" + part + "-" + what + "', packed as .gz or not", folder.string(),
              "Name the folder that holds the four files of MNIST or Fashion-MNIST.");
}

}  // namespace detail

/// Loads two IDX files, plain or packed (.gz, .bz2, .xz), as `decode_idx` says.
/// Throws `Error`: what `decode_idx` throws, or a file missing, truncated or longer than its head tells.
inline ByteImages load_idx(const std::filesystem::path& pictures, const std::filesystem::path& labels) {
  return decode_idx(detail::read_idx_file(pictures, 3), pictures.string(), detail::read_idx_file(labels, 1),
                    labels.string());
}

/// Loads the training or test set of a folder laid out as MNIST (LeCun et al. 1998) and Fashion-MNIST (Xiao et al.
/// 2017) are: "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-…", also with ".gz" or "images.idx3". The
/// set's name is the folder's. Throws `Error` as `load_idx`, or for the split that such a folder has not.
inline ByteImages load_idx_folder(const std::filesystem::path& folder, Split split) {
  if (split == Split::validation)
    throw Error("there are files for training and test only", folder.string(),
                "Ask for train or test, and set some of the training pictures apart yourself.");
  const std::string part = split == Split::train ? "train" : "t10k";
  ByteImages images = load_idx(detail::find_idx_file(folder, part + "-images", "idx3-ubyte"),
                               detail::find_idx_file(folder, part + "-labels", "idx1-ubyte"));
  std::error_code failed;
  auto full = std::filesystem::absolute(folder, failed).lexically_normal();
  if (!full.has_filename()) full = full.parent_path();
  images.name = full.filename().string() + " " + std::string(to_string(split));
  return images;
}

}  // namespace sseg
