#pragma once
#include <string>
#include <string_view>

#include "sseg/io/png.hpp"
#include "sseg/report/html_base64.hpp"
#include "sseg/report/html_text.hpp"

namespace sseg {

/// A picture within the page itself, as PNG in its address, shown `zoom` times as large. `words`: what it shows, for
/// those who do not see it. Throws: Error as `encode_png`.
inline std::string html_picture(const Picture& picture, std::string_view words, Index zoom = 1) {
  return "<img src=\"data:image/png;base64," + html_base64(encode_png(picture)) + "\" width=\"" +
         std::to_string(picture.width * zoom) + "\" height=\"" + std::to_string(picture.height * zoom) + "\" alt=\"" +
         html_text(words) + "\">";
}

}  // namespace sseg
