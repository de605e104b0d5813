#include "sseg/layer.hpp"
#include "support/catch.hpp"

namespace shapes_test {

using namespace sseg;

TEST_CASE("Shapes, parameters and multiply-adds are known at compile time") {
  constexpr Conv2d conv{.in = 3, .out = 8, .kernel = 5, .stride = 2, .pad = 2};
  static_assert(conv.out_shape({4, 9, 8, 3}) == Shape{4, 5, 4, 8});
  static_assert(conv.param_count() == 5 * 5 * 3 * 8);
  static_assert(conv.macs({1, 9, 8, 3}) == 5 * 4 * 8 * 25 * 3);
  static_assert(NormReluPool{.channels = 3, .pool = 2}.out_shape({1, 7, 6, 3}) == Shape{1, 3, 3, 3});
  static_assert(Linear{.in = 4, .out = 2}.macs({3, 4}) == 24);
  static_assert(GlobalPool{}.out_shape({2, 5, 5, 7}) == Shape{2, 7});
  static_assert(Flatten{}.out_shape({2, 5, 5, 7}) == Shape{2, 175});
}

TEST_CASE("A wrong input shape is an error that names layer, shape and cure") {
  const auto message = [](auto&& call) -> std::string {
    try {
      call();
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  const auto wrong_channels = message([] { Conv2d{.in = 3, .out = 8}.out_shape({1, 8, 8, 4}); });
  CHECK(wrong_channels.find("conv2d") != std::string::npos);
  CHECK(wrong_channels.find("(1, 8, 8, 4)") != std::string::npos);
  CHECK(wrong_channels.find("cure") != std::string::npos);
  CHECK(message([] { Conv2d{.in = 1, .out = 1, .kernel = 5, .pad = 0}.out_shape({1, 4, 9, 1}); }) != "");
  CHECK(message([] { Linear{.in = 3, .out = 1}.out_shape({1, 4}); }) != "");
  CHECK(message([] { NormReluPool{.channels = 2}.out_shape({1, 4, 4, 3}); }) != "");
  CHECK(message([] { NormReluPool{.channels = 2, .pool = 4}.out_shape({1, 3, 8, 2}); }) != "");
  CHECK(message([] { MaxPool{2}.out_shape({1, 1, 4, 3}); }) != "");
  CHECK(message([] { GlobalPool{}.out_shape({1, 4}); }) != "");
  CHECK(message([] { Flatten{}.out_shape({1, 4}); }) != "");
  CHECK(message([] { BatchNormRows{4}.out_shape({3, 5}); }).find("(N, 4), got (3, 5)") != std::string::npos);
  CHECK(message([] { L2Normalize{}.out_shape({1, 4, 4, 3}); }) != "");
}

}  // namespace shapes_test
