#include "sseg/augment/standardize.hpp"

#include "sseg/meta/field_text.hpp"
#include "sseg/meta/override.hpp"
#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace standardize_test {

using sseg::Standardize;
using sseg_test::augmented;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::Picture;
using sseg_test::random_picture;

TEST_CASE("standardizing subtracts the mean of a channel and divides by its deviation") {
  const Standardize step{{0.5f, 0.25f, 0.125f}, {0.5f, 2.f, 0.3f}};
  const Picture in = random_picture({6, 5, 3}, 1), gray = random_picture({6, 5, 1}, 2);
  const Picture out = augmented(step, in, 1), single = augmented(step, gray, 1);
  for (std::size_t i = 0; i < 30; ++i) {
    CHECK(out.value[3 * i] == Approx((in.value[3 * i] - 0.5f) / 0.5f).margin(1e-6));
    CHECK(out.value[3 * i + 1] == Approx((in.value[3 * i + 1] - 0.25f) / 2.f).margin(1e-6));
    CHECK(out.value[3 * i + 2] == Approx((in.value[3 * i + 2] - 0.125f) / 0.3f).margin(1e-6));
    CHECK(single.value[i] == Approx((gray.value[i] - 0.5f) / 0.5f).margin(1e-6));
  }
  CHECK(augmented(Standardize{}, in, 1) == in);
}

TEST_CASE("the numbers of standardizing are settings, channel by channel") {
  Standardize step;
  sseg::set_field(step, "mean.green", "0.5");
  sseg::set_field(step, "std.blue", "0.25");
  CHECK(step == Standardize{{0, 0.5f, 0}, {1, 1, 0.25f}});
  CHECK_THAT(sseg::to_yaml(step), Contains("mean:") && Contains("green: 0.5") && Contains("blue: 0.25"));
  CHECK(Standardize::cifar_fs().mean.red == Approx(0.50736));
  CHECK(Standardize::cifar_fs().std.blue == Approx(0.27631));
  CHECK(Standardize::mini_imagenet().mean.green == Approx(0.453308));
  CHECK(Standardize::mini_imagenet().std.red == Approx(0.277184));
}

TEST_CASE("a deviation of 0 and a picture of four channels are refused") {
  const Picture in({2, 2, 3});
  CHECK_THAT(message_of([&] { augmented(Standardize{{0, 0, 0}, {1, 1, 0}}, in, 1); }), Contains("not above 0"));
  CHECK(message_of([&] { augmented(Standardize{{0, 0, 0}, {1, 0, 0}}, Picture({2, 2, 1}), 1); }).empty());
  CHECK_THAT(message_of([&] { augmented(Standardize{}, Picture({2, 2, 4}), 1); }), Contains("three channels"));
}

}  // namespace standardize_test
