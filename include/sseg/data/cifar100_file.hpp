#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/core/view.hpp"
#include "sseg/data/byte_stack.hpp"
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
  Cifar100File(const std::filesystem::path& path, Index most)
      : Cifar100File(read_at_most(path, most), path.string(), most) {}

  /// Takes the bytes of the file, which `where` names. Throws `Error` as above.
  Cifar100File(std::string bytes, const std::string& where, Index most) : bytes_(std::move(bytes)) {
    check(bytes_.size(), where, most);
    for (Index i = 0; i < size(); ++i)
      if (byte(i, 0) >= coarse_classes || fine_label(i) >= fine_classes)
        throw Error("record " + std::to_string(i) + " has the labels " + std::to_string(byte(i, 0)) + " and " +
                        std::to_string(fine_label(i)) + ", beyond 20 coarse or 100 fine classes",
                    where, "The file is damaged or another: unpack CIFAR-100's binary version again.");
  }

  Index size() const { return static_cast<Index>(bytes_.size()) / record_bytes; }
  Index fine_label(Index i) const { return byte(i, 1); }

  /// Writes picture `i` to out (32, 32, 3).
  void copy(Index i, View<std::uint8_t> out) const {
    detail::ByteStack{bytes_, size(), shape, {record_bytes, side, 1, plane}, 2}.copy(i, out);
  }

 private:
  static void check(std::uintmax_t bytes, const std::string& where, Index most) {
    if (bytes > static_cast<std::uintmax_t>(most * record_bytes))
      throw Error(std::to_string(bytes) + " bytes, more than " + std::to_string(most) + " CIFAR-100 records", where,
                  "Check that it is the right file: train.bin and test.bin are not alike.");
    if (bytes == 0 || bytes % record_bytes != 0)
      throw Error("not whole CIFAR-100 records: " + std::to_string(bytes) + " bytes are no multiple of 3074", where,
                  "The file is truncated or another: unpack CIFAR-100's binary version again.");
  }
  static std::string read_at_most(const std::filesystem::path& path, Index most) {
    std::error_code unknown;
    if (const auto bytes = std::filesystem::file_size(path, unknown); !unknown) check(bytes, path.string(), most);
    return read_file(path, most * record_bytes);
  }
  Index byte(Index record, Index offset) const {
    return static_cast<unsigned char>(bytes_[to_size(record * record_bytes + offset)]);
  }

  std::string bytes_;
};

}  // namespace sseg
