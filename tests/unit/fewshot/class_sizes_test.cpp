#include "sseg/fewshot/class_sizes.hpp"

#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace class_sizes_test {

using sseg::Index;

TEST_CASE("support images are counted class by class, and what does not fit is refused") {
  const std::vector<float> rows(12, 1.f);
  const auto sizes = [&](const std::vector<Index>& label, Index way, Index query_dim = 3) {
    return sseg::class_sizes({{rows.data(), {4, 3}}, label, way, {rows.data(), {1, query_dim}}}, "here");
  };
  const auto message = [&](const std::vector<Index>& label, Index way, Index query_dim = 3) {
    return sseg_test::message_of([&] { sizes(label, way, query_dim); });
  };
  CHECK(sizes({1, 0, 1, 1}, 2) == std::vector<Index>{1, 3});
  CHECK_THAT(message({1, 0, 1}, 2), sseg_test::Contains("differ in number"));
  CHECK_THAT(message({1, 0, 2, 1}, 2), sseg_test::Contains("not one of the classes"));
  CHECK_THAT(message({1, 0, -1, 1}, 2), sseg_test::Contains("not one of the classes"));
  CHECK_THAT(message({1, 0, 1, 1}, 3), sseg_test::Contains("no support image"));
  CHECK_THAT(message({1, 0, 1, 1}, 3), sseg_test::Contains("here"));
  CHECK_THAT(message({1, 0, 1, 1}, 2, 4), sseg_test::Contains("different lengths"));
}

}  // namespace class_sizes_test
