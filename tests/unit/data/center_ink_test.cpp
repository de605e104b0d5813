#include "sseg/data/center_ink.hpp"

#include <numeric>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace center_ink_test {

using sseg::CenterInk;
using sseg::Index;
using sseg::Shape;
using sseg::View;
using sseg::Window;
using sseg_test::Contains;

namespace {

/// A frame of 20 x 20 with a filled rectangle of ink.
struct Frame {
  static constexpr Shape shape{20, 20, 1};
  std::vector<float> pixels = std::vector<float>(400, 0.0f);

  Frame(Index top, Index left, Index height, Index width) {
    for (Index y = top; y < top + height; ++y)
      for (Index x = left; x < left + width; ++x) pixels[sseg::to_size(20 * y + x)] = 1;
  }
  View<const float> view() const { return {pixels.data(), shape}; }
  Frame centred(const CenterInk& how) const {
    Frame out(0, 0, 0, 0);
    how(view(), {out.pixels.data(), shape});
    return out;
  }
};

}  // namespace

TEST_CASE("ink is moved to the middle by whole pixels") {
  CHECK(Frame(0, 14, 4, 6).centred({}).pixels == Frame(8, 7, 4, 6).pixels);
  CHECK(Frame(8, 7, 4, 6).centred({}).pixels == Frame(8, 7, 4, 6).pixels);
  const auto odd = Frame(1, 2, 3, 5).centred({}).pixels;  // half a pixel off the middle at most
  CHECK(std::accumulate(odd.begin(), odd.end(), 0.0f) == 15);
}

TEST_CASE("the centroid can be centred instead of the box") {
  Frame frame(4, 4, 6, 6);
  frame.pixels[20 * 4 + 15] = 1;  // widens the box by 6, the centroid hardly
  CHECK(CenterInk{}.window(frame.view()) == Window{-3, 0, 20, 20});
  CHECK(CenterInk{CenterInk::On::centroid}.window(frame.view()) == Window{-3, -3, 20, 20});
}

TEST_CASE("rescaled ink fills the frame but for the margin") {
  CenterInk how;
  how.rescale = true;
  how.margin = 0.1f;
  how.max_zoom = 10;
  const auto window = how.window(Frame(2, 3, 8, 4).view());  // 8 pixels become 16 of 20
  CHECK(window.height == Approx(10));
  CHECK(window.width == Approx(10));
  CHECK(window.top == Approx(1));
  CHECK(window.left == Approx(0).margin(1e-6));
  const auto out = Frame(2, 3, 8, 4).centred(how);
  const auto expected = Frame(2, 6, 16, 8).pixels;
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(out.pixels[i] == Approx(expected[i]).margin(1e-5));

  how.max_zoom = 2;
  CHECK(how.window(Frame(5, 5, 1, 1).view()) == Window{0.5, 0.5, 10, 10});
}

TEST_CASE("a frame without ink stays, and wrong options are refused") {
  CHECK(CenterInk{}.window(Frame(0, 0, 0, 0).view()) == Window{0, 0, 20, 20});
  CenterInk how;
  how.margin = 0.5f;
  CHECK_THAT(sseg_test::message_of([&] { how.window(Frame(0, 0, 1, 1).view()); }), Contains("margin"));
  CHECK_THAT(sseg_test::message_of([] { CenterInk{}.window({}); }), Contains("not an image"));
}

}  // namespace center_ink_test
