#pragma once
// The only door to libpng.
#include <png.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/picture.hpp"

namespace sseg {

/// How to decode a PNG. `channels`: 1 gray, 3 RGB, 0 as the file has it (a palette counts as colour).
struct PngOptions {
  Index channels = 0;
  Index max_pixels = Index{1} << 26;
};

namespace detail {

/// Frees what libpng holds, on every way out.
struct PngImage {
  png_image image{};
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
  ~PngImage() { png_image_free(&image); }
};

}  // namespace detail

/// The picture in the PNG `bytes`, at 8 bits: 1, 2, 4 bits and palettes are expanded, 16 bits rounded, and what is
/// transparent lies on white. `where` names the source in messages.
/// Throws `Error`: not a PNG, truncated or damaged, or more than `max_pixels` pixels (checked before allocating).
inline Picture decode_png(std::string_view bytes, const std::string& where, const PngOptions& options = {}) {
  if (options.channels != 0 && options.channels != 1 && options.channels != 3)
    throw Error("a PNG is decoded to 1 or 3 channels, not " + std::to_string(options.channels), where,
                "Set PngOptions::channels to 0, 1 or 3.");
  const auto refuse = [&](const char* reason) {
    return Error(std::string("not a readable PNG: ") + reason, where, "Fetch or unpack the file again.");
  };
  detail::PngImage png;
  if (png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size()) == 0) throw refuse(png.image.message);
  const auto height = static_cast<Index>(png.image.height), width = static_cast<Index>(png.image.width);
  if (height == 0 || width == 0) throw refuse("no pixels");
  if (height > options.max_pixels / width)
    throw Error("the PNG claims " + std::to_string(height) + " x " + std::to_string(width) +
                    " pixels, over the limit of " + std::to_string(options.max_pixels),
                where, "Check the file, or raise PngOptions::max_pixels.");

  const bool colour = options.channels == 3 || (options.channels == 0 && (png.image.format & PNG_FORMAT_FLAG_COLOR));
  png.image.format = colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png.image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16 bits without gamma are scaled, not taken as linear light
  Picture picture{height, width, colour ? 3 : 1, {}};
  picture.bytes.resize(to_size(height * width * picture.channels));
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&png.image, &white, picture.bytes.data(), 0, nullptr) == 0) throw refuse(png.image.message);
  return picture;
}

/// The PNG file of a gray or RGB picture. Throws `Error` when its sizes do not fit its bytes.
inline std::string encode_png(const Picture& picture) {
  constexpr Index max_side = 1'000'000;
  const bool sides_fit = picture.height > 0 && picture.height <= max_side && picture.width > 0 &&
                         picture.width <= max_side && (picture.channels == 1 || picture.channels == 3);
  if (!sides_fit || picture.bytes.size() != to_size(picture.height * picture.width * picture.channels))
    throw Error("not a picture that a PNG can hold: " + to_string({picture.height, picture.width, picture.channels}) +
                    " with " + std::to_string(picture.bytes.size()) + " bytes",
                "encode_png", "Give 1 or 3 channels and height x width x channels bytes.");
  detail::PngImage png;
  png.image.height = static_cast<png_uint_32>(picture.height);
  png.image.width = static_cast<png_uint_32>(picture.width);
  png.image.format = picture.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png.image);
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&png.image, bytes.data(), &size, 0, picture.bytes.data(), 0, nullptr) == 0)
    throw Error(std::string("cannot encode the PNG: ") + png.image.message, "encode_png", "Check the picture's sizes.");
  bytes.resize(size);
  return bytes;
}

}  // namespace sseg
