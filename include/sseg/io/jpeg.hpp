#pragma once
// The only door to libjpeg (libjpeg-turbo and its kin).
#include <cstddef>
#include <cstdint>
#include <cstdio>
// jpeglib.h needs size_t and FILE from the two above.
#include <jpeglib.h>
// jerror.h needs jpeglib.h.
#include <jerror.h>

#include <array>
#include <csetjmp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/picture.hpp"
#include "sseg/io/with_channels.hpp"

namespace sseg {

/// How to decode a JPEG. `channels`: 1 gray, 3 RGB, 0 as the file has it (gray stays gray, all else is RGB).
struct JpegOptions {
  Index channels = 0;
  Index max_pixels = Index{1} << 26;
};

namespace detail {

/// libjpeg behind a face that returns false where it fails. It leaves on an error by longjmp, which skips destructors:
/// so each call runs in `attempt`, which owns nothing, on a plain function that owns nothing either.
class JpegReader {
 public:
  /// A picture of many scans costs time out of proportion to its size ("Two Issues with the JPEG Standard",
  /// libjpeg-turbo.org); real files have about ten.
  static constexpr int max_scans = 100;
  static constexpr long max_working_bytes = 1L << 29;

  explicit JpegReader(std::string_view bytes) : bytes_(bytes) {
    jpeg_.err = jpeg_std_error(&errors_);
    errors_.error_exit = fail;
    errors_.emit_message = warn;
    jpeg_.client_data = this;
    progress_.progress_monitor = count_scans;
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }

  bool read_header() {
    return attempt([](JpegReader& r) {
      jpeg_create_decompress(&r.jpeg_);
      r.jpeg_.mem->max_memory_to_use = max_working_bytes;  // a progressive file keeps all its coefficients
      r.jpeg_.progress = &r.progress_;
      jpeg_mem_src(&r.jpeg_, reinterpret_cast<const unsigned char*>(r.bytes_.data()),
                   static_cast<unsigned long>(r.bytes_.size()));
      jpeg_read_header(&r.jpeg_, TRUE);
      const bool inks = r.jpeg_.jpeg_color_space == JCS_CMYK || r.jpeg_.jpeg_color_space == JCS_YCCK;
      const bool gray = r.jpeg_.jpeg_color_space == JCS_GRAYSCALE;
      r.jpeg_.out_color_space = inks ? JCS_CMYK : gray ? JCS_GRAYSCALE : JCS_RGB;
      jpeg_calc_output_dimensions(&r.jpeg_);
    });
  }
  Index height() const { return static_cast<Index>(jpeg_.output_height); }
  Index width() const { return static_cast<Index>(jpeg_.output_width); }
  /// 1 gray, 3 RGB, 4 CMYK.
  Index channels() const { return jpeg_.output_components; }
  /// Adobe's programs write the inks the other way round: 255 is none.
  bool inverted() const { return jpeg_.saw_Adobe_marker != 0; }

  /// Reads what must be read before the first pixel: of a progressive file, all of it.
  bool start() {
    return attempt([](JpegReader& r) { jpeg_start_decompress(&r.jpeg_); });
  }
  /// Writes height() · width() · channels() bytes to `out`. Requires: `start`.
  bool read_pixels(std::uint8_t* out) {
    out_ = out;
    return attempt([](JpegReader& r) {
      const std::size_t row_bytes =
          std::size_t{r.jpeg_.output_width} * static_cast<unsigned>(r.jpeg_.output_components);
      while (r.jpeg_.output_scanline < r.jpeg_.output_height) {
        JSAMPROW row = r.out_ + r.jpeg_.output_scanline * row_bytes;
        jpeg_read_scanlines(&r.jpeg_, &row, 1);
      }
      jpeg_finish_decompress(&r.jpeg_);
    });
  }
  const char* reason() const { return reason_.data(); }

 private:
  static JpegReader& of(j_common_ptr jpeg) { return *static_cast<JpegReader*>(jpeg->client_data); }

  bool attempt(void (*call)(JpegReader&)) {
    if (setjmp(jump_) != 0) return false;  // NOLINT(cert-err52-cpp): the way out that libjpeg offers
    call(*this);
    return true;
  }
  [[noreturn]] static void fail(j_common_ptr jpeg) {
    jpeg->err->format_message(jpeg, of(jpeg).reason_.data());
    std::longjmp(of(jpeg).jump_, 1);  // NOLINT(cert-err52-cpp)
  }
  /// libjpeg only warns of missing and of wrong data and makes pixels up; here that is an error. Surplus bytes before
  /// the end mark pass, as cameras and ImageNet's files have them.
  static void warn(j_common_ptr jpeg, int level) {
    const int code = jpeg->err->msg_code;
    const bool surplus_at_end = code == JWRN_EXTRANEOUS_DATA && jpeg->err->msg_parm.i[1] == JPEG_EOI;
    if (level >= 0 || surplus_at_end || code == JWRN_JFIF_MAJOR || code == JWRN_TOO_MUCH_DATA) return;
    fail(jpeg);
  }
  static void count_scans(j_common_ptr jpeg) {
    if (jpeg->is_decompressor == FALSE || of(jpeg).jpeg_.input_scan_number <= max_scans) return;
    constexpr std::string_view text = "more than 100 scans";
    static_assert(max_scans == 100);
    text.copy(of(jpeg).reason_.data(), text.size());
    std::longjmp(of(jpeg).jump_, 1);  // NOLINT(cert-err52-cpp)
  }

  std::string_view bytes_;
  std::uint8_t* out_ = nullptr;
  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::array<char, JMSG_LENGTH_MAX> reason_{};
  std::jmp_buf jump_{};
};

/// Four inks a pixel to RGB: R = (1 - C)(1 - K) and so on.
inline void inks_to_rgb(std::vector<std::uint8_t>& v, bool inverted) {
  const std::size_t pixels = v.size() / 4;
  const auto light = [&](std::uint8_t ink) { return inverted ? ink : 255 - ink; };
  for (std::size_t i = 0; i < pixels; ++i) {
    const int key = light(v[4 * i + 3]);
    for (std::size_t c = 0; c < 3; ++c)
      v[3 * i + c] = static_cast<std::uint8_t>((light(v[4 * i + c]) * key + 127) / 255);
  }
  v.resize(3 * pixels);
}

}  // namespace detail

/// The picture in the JPEG `bytes`, baseline or progressive, 8 bits; four inks (CMYK) become RGB by the plain formula,
/// without colour profiles. A turn noted in EXIF is not carried out. `where` names the source in messages.
/// Throws `Error`: not a JPEG, truncated or damaged (also where libjpeg would only warn), of more than 100 scans, or
/// more than `max_pixels` pixels (checked before allocating).
inline Picture decode_jpeg(std::string_view bytes, const std::string& where, const JpegOptions& options = {}) {
  if (options.channels != 0 && options.channels != 1 && options.channels != 3)
    throw Error("a JPEG is decoded to 1 or 3 channels, not " + std::to_string(options.channels), where,
                "Set JpegOptions::channels to 0, 1 or 3.");
  detail::JpegReader jpeg(bytes);
  const auto refuse = [&] {
    return Error(std::string("not a readable JPEG: ") + jpeg.reason(), where, "Fetch or unpack the file again.");
  };
  if (!jpeg.read_header()) throw refuse();
  const Index height = jpeg.height(), width = jpeg.width();
  if (height > options.max_pixels / width)  // libjpeg refuses sides of 0
    throw Error("the JPEG claims " + std::to_string(height) + " x " + std::to_string(width) +
                    " pixels, over the limit of " + std::to_string(options.max_pixels),
                where, "Check the file, or raise JpegOptions::max_pixels.");
  if (!jpeg.start()) throw refuse();  // before memory is taken that the header alone asks for
  Picture picture{height, width, jpeg.channels(), {}};
  picture.bytes.resize(to_size(height * width * picture.channels));
  if (!jpeg.read_pixels(picture.bytes.data())) throw refuse();
  if (picture.channels == 4) {
    detail::inks_to_rgb(picture.bytes, jpeg.inverted());
    picture.channels = 3;
  }
  return with_channels(std::move(picture), options.channels);
}

}  // namespace sseg
