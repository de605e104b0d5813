#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/io/read_file.hpp"

namespace sseg {

/// One file of CIFAR-100 in its binary form (Krizhevsky 2009): records of a coarse label, a fine label, and 32·32 bytes
/// each of red, green and blue.
class Cifar100File {
 public:
  static constexpr Index side = 32, plane = side * side, record_bytes = 2 + 3 * plane;
  static constexpr Index coarse_classes = 20, fine_classes = 100;
  static constexpr Shape shape{side, side, 3};

  /// Reads the file. Throws `Error`: it cannot be read, holds part of a record or more than `most` records (seen before
  /// any memory is taken), or a label out of range.
  Cifar100File(const std::filesystem::path& path, Index most) {
    const auto check = [&](std::uintmax_t bytes) {
      if (bytes > static_cast<std::uintmax_t>(most * record_bytes))
        throw Error(std::to_string(bytes) + " bytes, more than " + std::to_string(most) + " CIFAR-100 records",
                    path.string(), "Check that it is the right file: train.bin and test.bin are not alike.");
      if (bytes == 0 || bytes % record_bytes != 0)
        throw Error("not whole CIFAR-100 records: " + std::to_string(bytes) + " bytes are no multiple of 3074",
                    path.string(), "The file is truncated or another: unpack CIFAR-100's binary version again.");
    };
    std::error_code unknown;
    if (const auto bytes = std::filesystem::file_size(path, unknown); !unknown) check(bytes);
    bytes_ = read_file(path, most * record_bytes);
    check(bytes_.size());
    for (Index i = 0; i < size(); ++i)
      if (byte(i, 0) >= coarse_classes || fine_label(i) >= fine_classes)
        throw Error("record " + std::to_string(i) + " has the labels " + std::to_string(byte(i, 0)) + " and " +
                        std::to_string(fine_label(i)) + ", beyond 20 coarse or 100 fine classes",
                    path.string(), "The file is damaged or another: unpack CIFAR-100's binary version again.");
  }

  Index size() const { return static_cast<Index>(bytes_.size()) / record_bytes; }
  Index fine_label(Index i) const { return byte(i, 1); }

  /// Writes picture `i` to out (32, 32, 3), byte v as v / 255.
  void read(Index i, View<float> out) const {
    for (Index p = 0; p < plane; ++p)
      for (Index c = 0; c < 3; ++c) out.data[3 * p + c] = static_cast<float>(byte(i, 2 + c * plane + p)) / 255.f;
  }

 private:
  Index byte(Index record, Index offset) const {
    return static_cast<unsigned char>(bytes_[to_size(record * record_bytes + offset)]);
  }

  std::string bytes_;
};

}  // namespace sseg
