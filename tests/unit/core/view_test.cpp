#include "sseg/core/view.hpp"

#include <array>
#include <numeric>
#include <type_traits>

#include "support/catch.hpp"

namespace view_test {

using sseg::Shape;
using sseg::View;

TEST_CASE("items of a view lie one after the other along the outermost axis") {
  std::array<float, 24> data{};
  std::iota(data.begin(), data.end(), 0.f);
  const View<float> all{data.data(), {2, 3, 4}};
  CHECK(all.flat().size() == 24);
  CHECK(all.flat().data() == data.data());
  const View<float> second = all.item(1);
  CHECK(second.shape == Shape{3, 4});
  CHECK(second.data == data.data() + 12);
  CHECK(second.item(2).shape == Shape{4});
  CHECK(second.item(2).data[3] == 23);
  CHECK(second.item(2).item(3).shape == Shape{});
  CHECK(second.item(2).item(3).flat()[0] == 23);
}

TEST_CASE("a view converts to a reading view, never back") {
  float value = 3;
  const View<float> writing{&value, {1}};
  const View<const float> reading = writing;
  CHECK(reading.data == &value);
  CHECK(reading.shape == writing.shape);
  static_assert(!std::is_convertible_v<View<const float>, View<float>>);
  static_assert(!std::is_convertible_v<View<double>, View<const float>>);
}

TEST_CASE("a view of nothing is false") {
  CHECK_FALSE(View<float>{});
  float value = 0;
  CHECK(View<float>{&value, {1}});
}

}  // namespace view_test
