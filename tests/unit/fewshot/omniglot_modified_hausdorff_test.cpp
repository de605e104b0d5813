#include <cmath>
#include <vector>

#include "sseg/data/omniglot_runs.hpp"
#include "sseg/fewshot/modified_hausdorff.hpp"
#include "sseg/fewshot/omniglot_one_shot.hpp"
#include "support/catch.hpp"
#include "support/data_dir.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace omniglot_modified_hausdorff_test {

using sseg::Index;
using sseg_test::Contains;

TEST_CASE("modified Hausdorff distance of points counted by hand") {
  const sseg::Shape row{1, 8, 1};
  const std::vector<float> two{0, 1, 0, 0, 0, 1, 0, 0};    // at 1 and 5: -2, 2
  const std::vector<float> three{1, 0, 0, 1, 0, 0, 1, 0};  // at 0, 3, 6: -3, 0, 3
  // two -> three: 1, 1; three -> two: 1, 2, 1.
  CHECK(sseg::modified_hausdorff({two.data(), row}, {three.data(), row}) == Approx(4.0 / 3));
  CHECK(sseg::modified_hausdorff({three.data(), row}, {two.data(), row}) == Approx(4.0 / 3));
  const std::vector<float> moved{0, 0, 0, 1, 0, 0, 0, 1};
  CHECK(sseg::modified_hausdorff({two.data(), row}, {moved.data(), row}) == Approx(0).margin(1e-12));
  const std::vector<float> none(8);
  CHECK_THAT(sseg_test::message_of([&] {
               sseg::modified_hausdorff({two.data(), row}, {none.data(), row});
             }),
             Contains("no ink"));
}

TEST_CASE("modified Hausdorff distance errs in 38.0 % of the official runs 01 to 10") {
  const auto zip = sseg_test::real_data("omniglot/one_shot_runs_01_10.zip");
  if (!zip) SSEG_SKIP("no Omniglot data (set SSEG_DATA_DIR)");
  const auto runs = sseg::load_omniglot_runs(*zip, {105, false});
  const auto score = sseg::score_omniglot(runs, [](auto a, auto b) { return sseg::modified_hausdorff(a, b); });
  // Counted apart from this code, with the coordinates and distances of the reference demonstration.
  CHECK(score.correct == std::vector<Index>{11, 13, 12, 15, 14, 17, 8, 13, 12, 9});
  CHECK(score.total_correct() == 124);
  CHECK(score.error() == Approx(38.0).epsilon(1e-12));
}

}  // namespace omniglot_modified_hausdorff_test
