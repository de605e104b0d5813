#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/data/byte_images.hpp"

namespace sseg {

namespace detail {

/// The head of an IDX file of bytes (yann.lecun.com/exdb/mnist): two zeros, the type 8 (bytes), the number of axes,
/// then each extent, big-endian in four bytes.
struct IdxHeader {
  int rank = 0;
  std::array<Index, 3> extent{1, 1, 1};
  Index head_bytes() const { return 4 + 4 * rank; }
  Index count() const { return extent[0] * extent[1] * extent[2]; }
};

/// The longest head that is read: that of pictures.
inline constexpr Index idx_head_bytes = 16;
/// What one IDX file may hold.
inline constexpr Index idx_most_bytes = Index{1} << 32;

/// Throws `Error` unless `start` begins with the head of bytes along `rank` axes, of sides up to 4096 and in all no
/// more than `idx_most_bytes`.
inline IdxHeader read_idx_header(std::string_view start, int rank, const std::string& where) {
  const std::string what = rank == 3 ? "pictures" : "labels";
  const auto refuse = [&](const std::string& reason) {
    return Error("not an IDX file of " + what + ": " + reason, where,
                 "Give the files of pictures and labels in that order; else fetch or unpack this one again.");
  };
  IdxHeader header{rank, {1, 1, 1}};
  if (static_cast<Index>(start.size()) < header.head_bytes())
    throw refuse("only " + std::to_string(start.size()) + " bytes");
  const auto byte = [&](Index i) { return static_cast<Index>(static_cast<unsigned char>(start[to_size(i)])); };
  if (byte(0) != 0 || byte(1) != 0) throw refuse("it does not begin with two zeros");
  if (byte(2) != 8) throw refuse("its values are no bytes (type " + std::to_string(byte(2)) + ", not 8)");
  if (byte(3) != rank) throw refuse(std::to_string(byte(3)) + " axes, not " + std::to_string(rank));
  for (int d = 0; d < rank; ++d) {
    Index extent = 0;
    for (Index k = 0; k < 4; ++k) extent = 256 * extent + byte(4 + 4 * d + k);
    if (extent == 0 || (d > 0 && extent > 4096)) throw refuse("an extent of " + std::to_string(extent));
    header.extent[static_cast<std::size_t>(d)] = extent;
  }
  if (header.count() > idx_most_bytes)
    throw refuse("it claims " + std::to_string(header.count()) + " bytes, over the limit of " +
                 std::to_string(idx_most_bytes));
  return header;
}

/// The head of a whole file, whose length must be what the head says.
inline IdxHeader read_whole_idx(std::string_view bytes, int rank, const std::string& where) {
  const IdxHeader header = read_idx_header(bytes, rank, where);
  const Index expected = header.head_bytes() + header.count();
  if (static_cast<Index>(bytes.size()) != expected)
    throw Error(
        "the IDX file has " + std::to_string(bytes.size()) + " bytes, its head tells of " + std::to_string(expected),
        where, "The file is truncated or damaged: fetch it again.");
  return header;
}

}  // namespace detail

/// The pictures (N, H, W) and labels (N) of two IDX files, the form of MNIST, as N pictures (H, W, 1). The classes are
/// "0" … up to the largest label. Sides up to 4096. The names stand for the sources in messages.
/// Throws `Error`: another kind of file, lengths or counts that do not fit (checked before allocating).
inline ByteImages decode_idx(std::string_view pictures, const std::string& pictures_where, std::string_view labels,
                             const std::string& labels_where) {
  const auto head = detail::read_whole_idx(pictures, 3, pictures_where);
  const auto label_head = detail::read_whole_idx(labels, 1, labels_where);
  if (head.extent[0] != label_head.extent[0])
    throw Error(std::to_string(head.extent[0]) + " pictures, but " + std::to_string(label_head.extent[0]) + " labels",
                labels_where, "Give the two files of one set: both of training, or both of test.");
  ByteImages images;
  images.name = "IDX";
  images.shape = {head.extent[1], head.extent[2], 1};
  images.pixels.reserve_at_least(head.count());
  const auto body = pictures.substr(to_size(head.head_bytes()));
  std::transform(body.begin(), body.end(), images.pixels.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  images.label.reserve(labels.size());
  for (const char c : labels.substr(to_size(label_head.head_bytes())))
    images.label.push_back(static_cast<unsigned char>(c));
  const Index classes = *std::max_element(images.label.begin(), images.label.end()) + 1;
  for (Index k = 0; k < classes; ++k) images.classes.push_back(std::to_string(k));
  return images;
}

}  // namespace sseg
