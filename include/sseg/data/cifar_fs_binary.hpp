#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/shape.hpp"
#include "sseg/data/byte_images.hpp"
#include "sseg/data/cifar100_file.hpp"
#include "sseg/data/cifar_fs_labels.hpp"
#include "sseg/data/split.hpp"
#include "sseg/io/filled_lines.hpp"
#include "sseg/io/read_file.hpp"

namespace sseg {

namespace detail {

inline constexpr Index cifar100_names_bytes = 1 << 14, cifar100_train_records = 50'000, cifar100_test_records = 10'000;

inline ByteImages cifar_fs_from_binary(const std::array<Cifar100File, 2>& files, const std::vector<Index>& labels,
                                       Split split, bool keep_labels, const std::string& where) {
  const auto part = [](const Cifar100File& file) {
    std::vector<Index> fine(to_size(file.size()));
    for (Index i = 0; i < file.size(); ++i) fine[to_size(i)] = file.fine_label(i);
    const auto copy = [&file](Index i, View<std::uint8_t> out) { file.copy(i, out); };
    return CifarPart<decltype(copy)>{std::move(fine), copy};
  };
  return cifar_fs_from(std::vector{part(files[0]), part(files[1])}, labels, split, keep_labels, where);
}

}  // namespace detail

/// Loads a split of CIFAR-FS from the folder of CIFAR-100's binary version: `train.bin`, `test.bin` and
/// `fine_label_names.txt`; as `load_cifar_fs`, without any outside library.
inline ByteImages load_cifar_fs_binary(const std::filesystem::path& folder, Split split, bool keep_labels = true) {
  const auto names = folder / "fine_label_names.txt";
  const auto labels =
      detail::cifar_fs_labels(filled_lines(read_file(names, detail::cifar100_names_bytes)), split, names.string());
  const std::array<Cifar100File, 2> files{Cifar100File(folder / "train.bin", detail::cifar100_train_records),
                                          Cifar100File(folder / "test.bin", detail::cifar100_test_records)};
  return detail::cifar_fs_from_binary(files, labels, split, keep_labels, folder.string());
}

}  // namespace sseg
