#include "sseg/ssl/rotation.hpp"

#include <algorithm>
#include <utility>

#include "by_the_book.hpp"
#include "sseg/augment/quarter_turn.hpp"
#include "sseg/augment/view_set.hpp"
#include "sseg/data/images.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace rotation_test {

using namespace sseg;

static_assert(sees_of<Rotation> == Sees::rotated && !needs_teacher<Rotation>);

namespace {

struct AsItIs {
  constexpr Shape out_shape(Shape s) const { return s; }
  void operator()(Rng&, View<const float> in, View<float> out) const {
    std::copy_n(in.data, in.shape.count(), out.data);
  }
  bool operator==(const AsItIs&) const = default;
};

}  // namespace

TEST_CASE("Rotation has the value of its formula for any number of copies") {
  for (const Index copies : {1, 2, 3, 4})
    for (const Index n : {1, 3, 6}) {
      INFO(copies << " copies of " << n << " images");
      const book::Given g{book::drawn(copies * n, 4, 1), {}, n};
      double expected = 0;
      for (Index r = 0; r < copies * n; ++r)
        expected -= std::log(book::softmax(g.z[to_size(r)], 1)[to_size((r % n + r / n) % 4)]);
      book::check(Rotation{}, g, expected / static_cast<double>(copies * n));
    }
}

TEST_CASE("Rotation names the turns that the views have") {
  Images images;
  images.shape = {3, 3, 1};
  images.pixels.resize(5 * 9);
  for (Index i = 0; i < 45; ++i) images.pixels[i] = static_cast<float>(i) / 64;
  Threads threads(2);
  ViewSet set;
  const std::vector<Index> batch{4, 1, 0, 2, 3};
  const auto& views =
      set.make(threads, images, batch, ViewCounts{.global = 0, .rotated = 3}, AsItIs{}, AsItIs{}, AsItIs{}, Rng(1));
  REQUIRE(views.rotated.shape == Shape{15, 3, 3, 1});
  for (Index r = 0; r < 15; ++r) {
    std::vector<float> turned(9);
    quarter_turn(std::as_const(images).image(batch[to_size(r % 5)]), {turned.data(), images.shape},
                 Rotation::rotation_of(r / 5, r % 5));
    const float* row = views.rotated.item(r).data;
    CHECK(std::vector<float>(row, row + 9) == turned);
  }
}

TEST_CASE("Rotation says what does not fit") {
  Reference<double> reference;
  const auto message = [&](Index rows, Index cols, Index n) {
    return sseg_test::message_of([&] { book::value(Rotation{}, reference, {book::drawn(rows, cols, 1), {}, n}); });
  };
  CHECK_THAT(message(4, 3, 2), sseg_test::Contains("four classes"));
  CHECK_THAT(message(5, 4, 2), sseg_test::Contains("whole copies"));
  CHECK_THAT(message(1, 4, 0), sseg_test::Contains("whole copies"));
}

}  // namespace rotation_test
