#pragma once
#include <cstdlib>
#include <string>

#include "sseg/io/jpeg.hpp"

namespace sseg_test {

struct JpegMaking {
  int quality = 95;
  bool progressive = false;
  bool adobe = true;       ///< of a picture of four inks: with Adobe's marker, which means that 255 is no ink
  bool two_scans = false;  ///< progressive, gray: the mean of each block, then the rest, each at once
};

/// The JPEG of a picture of 1, 3 or 4 (ink) channels.
inline std::string encode_jpeg(const sseg::Picture& picture, const JpegMaking& making = {}) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = static_cast<JDIMENSION>(picture.width);
  jpeg.image_height = static_cast<JDIMENSION>(picture.height);
  jpeg.input_components = static_cast<int>(picture.channels);
  jpeg.in_color_space = picture.channels == 1 ? JCS_GRAYSCALE : picture.channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, making.quality, TRUE);
  if (picture.channels == 4 && !making.adobe) jpeg.write_Adobe_marker = FALSE;
  if (making.progressive) jpeg_simple_progression(&jpeg);
  static const jpeg_scan_info scans[2] = {{1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}};
  if (making.two_scans) jpeg.scan_info = scans, jpeg.num_scans = 2;
  jpeg_start_compress(&jpeg, TRUE);
  const std::size_t row_bytes = sseg::to_size(picture.width * picture.channels);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(picture.bytes.data() + jpeg.next_scanline * row_bytes);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::string out(reinterpret_cast<const char*>(bytes), size);
  jpeg_destroy_compress(&jpeg);
  std::free(bytes);
  return out;
}

}  // namespace sseg_test
