#include "sseg/augment/solarize.hpp"

#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"

namespace solarize_test {

using sseg::Solarize;
using sseg_test::augmented;
using sseg_test::Picture;
using sseg_test::random_picture;

TEST_CASE("solarizing inverts from the threshold on") {
  Picture in({1, 2, 3});
  in.value = {0.f, 0.25f, 0.49f, 0.5f, 0.75f, 1.f};
  CHECK(augmented(Solarize{.threshold = 0.5f, .probability = 1}, in, 1).value ==
        std::vector<float>{0.f, 0.25f, 0.49f, 0.5f, 0.25f, 0.f});
  CHECK(augmented(Solarize{.threshold = 0.f, .probability = 1}, in, 1).value ==
        std::vector<float>{1.f, 0.75f, 1 - 0.49f, 0.5f, 0.25f, 0.f});
  CHECK(augmented(Solarize{.threshold = 1.f, .probability = 1}, in, 1).value ==
        std::vector<float>{0.f, 0.25f, 0.49f, 0.5f, 0.75f, 0.f});
}

TEST_CASE("solarizing happens with its probability, on the whole picture or not at all") {
  const Picture in = random_picture({5, 4, 3}, 2);
  const Picture all = augmented(Solarize{.probability = 1}, in, 1);
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Picture out = augmented(Solarize{}, in, seed);
    REQUIRE((out == in || out == all));
    changed += out != in;
  }
  CHECK(changed / 2000.0 == Approx(0.2).margin(0.04));
}

}  // namespace solarize_test
