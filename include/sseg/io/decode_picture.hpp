#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/jpeg.hpp"
#include "sseg/io/picture.hpp"
#include "sseg/io/png.hpp"
#include "sseg/io/pnm.hpp"
#include "sseg/io/with_channels.hpp"

namespace sseg {

/// How to decode a picture of any kind. `channels`: 1 gray, 3 RGB, 0 as the file has it.
struct PictureOptions {
  Index channels = 0;
  Index max_pixels = Index{1} << 26;
};

/// The PNG, JPEG or PNM in `bytes`, known by its first bytes and not by its name. Gray is made from colour by
/// `with_channels`, alike for every kind. `where` names the source in messages.
/// Throws `Error`: of no such kind, or what `decode_png`, `decode_jpeg` and `decode_pnm` throw.
inline Picture decode_picture(std::string_view bytes, const std::string& where, const PictureOptions& options = {}) {
  const bool is_pnm = bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6';
  Picture picture;
  if (bytes.starts_with("\x89PNG"))
    picture = decode_png(bytes, where, {0, options.max_pixels});
  else if (bytes.starts_with("\xff\xd8\xff"))
    picture = decode_jpeg(bytes, where, {0, options.max_pixels});
  else if (is_pnm)
    picture = decode_pnm(bytes, where, {0, options.max_pixels});
  else
    throw Error("not a picture: it begins like no PNG, JPEG or PNM", where,
                "Convert the file to one of these, or take it away.");
  return with_channels(std::move(picture), options.channels);
}

}  // namespace sseg
