#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/picture.hpp"
#include "sseg/io/with_channels.hpp"

namespace sseg {

/// How to decode a PNM. `channels`: 1 gray, 3 RGB, 0 as the file has it.
struct PnmOptions {
  Index channels = 0;
  Index max_pixels = Index{1} << 26;
};

namespace detail {

/// Walks through the text of a PNM.
class PnmText {
 public:
  PnmText(std::string_view bytes, const std::string& where) : rest_(bytes), where_(where) {}

  std::string_view rest() const { return rest_; }
  Error refuse(const std::string& reason) const {
    return {"not a readable PNM: " + reason, where_, "Fetch or write the file again."};
  }
  static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  void skip(std::size_t n) { rest_.remove_prefix(n); }
  void skip_space(bool comments) {
    while (!rest_.empty()) {
      if (comments && rest_[0] == '#')
        rest_.remove_prefix(std::min(rest_.find_first_of("\n\r"), rest_.size()));
      else if (is_space(rest_[0]))
        rest_.remove_prefix(1);
      else
        return;
    }
  }
  /// A decimal number of at most nine digits.
  Index number(const char* of_what, bool comments) {
    skip_space(comments);
    Index value = 0;
    int digits = 0;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; rest_.remove_prefix(1)) {
      if (++digits > 9) throw refuse(std::string(of_what) + " has more than nine digits");
      value = 10 * value + (rest_[0] - '0');
    }
    if (digits == 0)
      throw refuse(rest_.empty() ? "truncated before " + std::string(of_what)
                                 : "no number where " + std::string(of_what) + " belongs");
    return value;
  }
  /// One dot of a plain bitmap; dots may stand close together.
  bool is_ink() {
    skip_space(false);
    if (rest_.empty()) throw refuse("truncated");
    const char c = rest_[0];
    if (c != '0' && c != '1') throw refuse("a dot that is neither 0 nor 1");
    rest_.remove_prefix(1);
    return c == '1';
  }

 private:
  std::string_view rest_;
  const std::string& where_;
};

struct PnmHeader {
  char kind = 0;  ///< '1' … '6'
  Index height = 0, width = 0, channels = 1, maxval = 1;
  bool is_plain() const { return kind <= '3'; }
  bool is_bitmap() const { return kind == '1' || kind == '4'; }
  Index samples() const { return height * width * channels; }
  /// The least number of bytes that the pixels take.
  Index least_bytes() const {
    if (kind == '4') return height * ((width + 7) / 8);
    if (is_plain()) return kind == '1' ? samples() : 2 * samples() - 1;
    return samples() * (maxval > 255 ? 2 : 1);
  }
};

/// Reads up to the white space before the pixels, and throws unless sizes are within the limit and the text is long
/// enough.
inline PnmHeader read_pnm_header(PnmText& text, Index max_pixels, const std::string& where) {
  const auto start = text.rest();
  if (start.size() < 2 || start[0] != 'P' || start[1] < '1' || start[1] > '6')
    throw text.refuse("no P1 to P6 in front");
  PnmHeader h;
  h.kind = start[1];
  h.channels = h.kind == '3' || h.kind == '6' ? 3 : 1;
  text.skip(2);
  h.width = text.number("the width", true);
  h.height = text.number("the height", true);
  if (!h.is_bitmap()) h.maxval = text.number("the largest value", true);
  if (h.width == 0 || h.height == 0) throw text.refuse("no pixels");
  if (h.maxval < 1 || h.maxval > 65535) throw text.refuse("the largest value is not within 1 ... 65535");
  if (h.height > max_pixels / h.width)
    throw Error("the PNM claims " + std::to_string(h.height) + " x " + std::to_string(h.width) +
                    " pixels, over the limit of " + std::to_string(max_pixels),
                where, "Check the file, or raise PnmOptions::max_pixels.");
  if (text.rest().empty() || !PnmText::is_space(text.rest()[0])) throw text.refuse("no white space before the pixels");
  text.skip(1);
  if (static_cast<Index>(text.rest().size()) < h.least_bytes()) throw text.refuse("truncated");
  return h;
}

/// 255 · v / maxval, rounded.
inline std::uint8_t pnm_byte(Index v, const PnmHeader& h, const PnmText& text) {
  if (v > h.maxval) throw text.refuse("a value over the largest that the header allows");
  return static_cast<std::uint8_t>((510 * v + h.maxval) / (2 * h.maxval));
}

inline void read_pnm_pixels(PnmText& text, const PnmHeader& h, std::uint8_t* out) {
  const auto at = [data = text.rest()](Index i) {
    return static_cast<Index>(static_cast<unsigned char>(data[to_size(i)]));
  };
  const Index samples = h.samples(), row_bytes = (h.width + 7) / 8;
  if (h.kind == '1') {
    for (Index i = 0; i < samples; ++i) out[i] = text.is_ink() ? 0 : 255;
  } else if (h.kind == '4') {
    for (Index y = 0; y < h.height; ++y)
      for (Index x = 0; x < h.width; ++x)
        out[y * h.width + x] = (at(y * row_bytes + x / 8) >> (7 - x % 8)) & 1 ? 0 : 255;
  } else if (h.is_plain()) {
    for (Index i = 0; i < samples; ++i) out[i] = pnm_byte(text.number("a value", false), h, text);
  } else if (h.maxval > 255) {
    for (Index i = 0; i < samples; ++i) out[i] = pnm_byte(256 * at(2 * i) + at(2 * i + 1), h, text);
  } else {
    for (Index i = 0; i < samples; ++i) out[i] = pnm_byte(at(i), h, text);
  }
}

}  // namespace detail

/// The (first) picture in the PBM, PGM or PPM `bytes`, P1 to P6 (netpbm.sourceforge.net/doc/pnm.html), at 8 bits:
/// values are scaled to 0 … 255 and rounded; ink of a bitmap is 0, paper 255. Comments may stand in the header. Throws
/// `Error`: not a PNM, truncated, a value over the largest, or more than `max_pixels` pixels (checked, like the length,
/// before allocating).
inline Picture decode_pnm(std::string_view bytes, const std::string& where, const PnmOptions& options = {}) {
  if (options.channels != 0 && options.channels != 1 && options.channels != 3)
    throw Error("a PNM is decoded to 1 or 3 channels, not " + std::to_string(options.channels), where,
                "Set PnmOptions::channels to 0, 1 or 3.");
  detail::PnmText text(bytes, where);
  const auto header = detail::read_pnm_header(text, options.max_pixels, where);
  Picture picture{header.height, header.width, header.channels, {}};
  picture.bytes.resize(to_size(header.samples()));
  detail::read_pnm_pixels(text, header, picture.bytes.data());
  return with_channels(std::move(picture), options.channels);
}

/// The binary PGM (P5, 1 channel) or PPM (P6, 3 channels) of a picture. Throws `Error` when its sizes do not fit its
/// bytes.
inline std::string encode_pnm(const Picture& picture) {
  constexpr Index max_side = 999'999'999;
  const bool sides_fit = picture.height > 0 && picture.height <= max_side && picture.width > 0 &&
                         picture.width <= max_side && (picture.channels == 1 || picture.channels == 3);
  if (!sides_fit || picture.bytes.size() != to_size(picture.height * picture.width * picture.channels))
    throw Error("not a picture that a PNM can hold: " + to_string({picture.height, picture.width, picture.channels}) +
                    " with " + std::to_string(picture.bytes.size()) + " bytes",
                "encode_pnm", "Give 1 or 3 channels and height x width x channels bytes.");
  std::string text = (picture.channels == 3 ? "P6\n" : "P5\n") + std::to_string(picture.width) + " " +
                     std::to_string(picture.height) + "\n255\n";
  text.append(reinterpret_cast<const char*>(picture.bytes.data()), picture.bytes.size());
  return text;
}

}  // namespace sseg
