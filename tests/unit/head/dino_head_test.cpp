#include "sseg/head/dino_head.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/head/entry.hpp"
#include "sseg/head/rotation_head.hpp"
#include "sseg/head/sizes.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/trace.hpp"
#include "support/catch.hpp"

namespace dino_head_test {

using namespace sseg;

TEST_CASE("DINO's head has the published layers at our sizes") {
  constexpr DinoHead head = dino_head(64);
  static_assert(head.out_shape({3, 64}) == Shape{3, 512});
  static_assert(head.param_count() == (64 * 256 + 256) + (256 * 256 + 256) + (256 * 64 + 64) + 64 * 512 + 2 * 2 * 256);
  std::vector<ParamDesc> list;
  head.describe_params("h", list);
  REQUIRE(list.size() == 15);
  CHECK(list[0].init.scale == Approx(std::sqrt(2.f / 64)));   // before an activation
  CHECK(list[6].init.scale == Approx(std::sqrt(2.f / 256)));  // before another
  CHECK(list[12].init.scale == Approx(std::sqrt(1.f / 256)));
  CHECK(list[14].key == "h/8/weight");
  CHECK_FALSE(list[14].decay);
}

TEST_CASE("What DINO's head gives are cosines") {
  const DinoHead head = dino_head(6, 5, 4, 9);
  Reference<double> backend;
  auto store = make_store<double>(head, 0, Rng(2));
  Rng rng(3);
  std::vector<double> x(7 * 6);
  for (double& v : x) v = 10 * static_cast<double>(rng.normal());
  Trace<double> trace;
  const View<const double> y = trace.forward(backend, head, store, {x.data(), {7, 6}}, Mode::train);
  double largest = 0;
  for (const double v : y.flat()) largest = std::max(largest, std::abs(v));
  CHECK(largest <= 1 + 1e-12);
  CHECK(largest > 0.3);
}

TEST_CASE("Heads begin with the layer that widens, and their sizes build them again") {
  const auto check = [](auto head, Index in) {
    using Head = decltype(head);
    CHECK(build_head(std::type_identity<Head>{}, in, head_sizes(head)) == head);
    std::vector<std::string> keys;
    for_each_entry(head, "net/1", [&](Linear& entry, const std::string& key) {
      CHECK(entry.in == in);
      entry.in = 70;
      keys.push_back(key);
    });
    CHECK(keys == std::vector<std::string>{"net/1/0"});
    CHECK(head.out_shape({2, 70})[0] == 2);
  };
  check(dino_head(12, 5, 4, 9), 12);
  check(rotation_head(12), 12);
  CHECK(head_sizes(dino_head(12, 5, 4, 9)) == std::vector<Index>{5, 5, 4, 9});
  CHECK(head_sizes(rotation_head(12)) == std::vector<Index>{4});
}

}  // namespace dino_head_test
