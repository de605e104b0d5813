#include "sseg/io/utf8.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

namespace utf8_test {

using sseg::as_utf8;
using sseg::each_utf8;
using sseg::utf8_width;

namespace {

std::vector<char32_t> codes(const std::string& text) {
  std::vector<char32_t> all;
  each_utf8(text, [&](char32_t code, std::string_view) { all.push_back(code); });
  return all;
}

}  // namespace

TEST_CASE("characters of every length have their code points") {
  CHECK(codes("aé中🙂") == std::vector<char32_t>{'a', 0xE9, 0x4E2D, 0x1F642});
  CHECK(codes("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF") ==
        std::vector<char32_t>{0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF});
  CHECK(codes("").empty());
  CHECK(codes(std::string(1, '\0')) == std::vector<char32_t>{0});
}

TEST_CASE("bytes that are no character are replaced, one by one") {
  CHECK(as_utf8("a\xFFz") == "a\uFFFDz");
  CHECK(as_utf8("\xC3") == "\uFFFD");                      // cut off
  CHECK(as_utf8("\xE4\xB8x") == "\uFFFD\uFFFDx");          // cut off by another character
  CHECK(as_utf8("\x80") == "\uFFFD");                      // goes on with nothing
  CHECK(as_utf8("\xC0\x80") == "\uFFFD\uFFFD");            // over-long
  CHECK(as_utf8("\xE0\x80\x80") == "\uFFFD\uFFFD\uFFFD");  // over-long
  CHECK(as_utf8("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");  // half of a surrogate pair
  CHECK(as_utf8("\xF4\x90\x80\x80").size() == 4 * 3);      // past the last code point
  CHECK(as_utf8("\xF8\x88\x80\x80\x80").size() == 5 * 3);  // five bytes
  CHECK(as_utf8("żółć 中文 🙂 ±") == "żółć 中文 🙂 ±");
}

TEST_CASE("the width of a text is in cells of a terminal") {
  CHECK(utf8_width("") == 0);
  CHECK(utf8_width("43.5 ± 0.8") == 10);
  CHECK(utf8_width("中文") == 4);
  CHECK(utf8_width("한국어") == 6);
  CHECK(utf8_width("e\u0301") == 1);
  CHECK(utf8_width("🙂") == 2);
  CHECK(utf8_width("ｆｕｌｌ") == 8);
  CHECK(utf8_width("\xFF") == 1);
}

}  // namespace utf8_test
