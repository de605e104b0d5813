#include "sseg/fewshot/omniglot_one_shot.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace omniglot_one_shot_test {

using sseg::Index;
using sseg::OmniglotOneShot;
using sseg_test::Contains;
using sseg_test::message_of;

TEST_CASE("every test image goes alone to the least cost, ties to the lowest index") {
  const double inf = std::numeric_limits<double>::infinity();
  OmniglotOneShot score;
  score.add_run(std::vector<double>{3, 1, 2,      // 1
                                    5, 5, 5,      // a tie: 0
                                    9, 1, 1,      // a tie: 1, taken a second time
                                    inf, 0, inf,  // 1
                                    inf, inf, inf},
                std::vector<Index>{1, 0, 2, 1, 0}, 3);
  CHECK(score.correct == std::vector<Index>{4});
  CHECK(score.run_error(0) == Approx(20));
  score.add_run(std::vector<double>{0, 1, 0, 1}, std::vector<Index>{1, 1}, 2);
  CHECK(score.run_error(1) == Approx(100));
  CHECK(score.error() == Approx(60));  // the mean of the runs, not of the trials
  CHECK(score.runs() == 2);
  CHECK(score.total_correct() == 4);
  CHECK(score.total_trials() == 7);
}

TEST_CASE("costs that do not fit or are not numbers are refused") {
  OmniglotOneShot score;
  const std::vector<Index> truth{0, 1};
  CHECK_THAT(message_of([&] { score.add_run(std::vector<double>(3), truth, 2); }), Contains("do not fit"));
  CHECK_THAT(message_of([&] { score.add_run({}, {}, 0); }), Contains("do not fit"));
  const std::vector<double> broken{0, 1, 1, std::nan("")};
  CHECK_THAT(message_of([&] { score.add_run(broken, truth, 2); }),
             Contains("test image 1 and training image 1 is not a number"));
  CHECK(score.runs() == 0);
}

TEST_CASE("a cost function is asked for every pair of a run") {
  sseg::OmniglotRun run;
  run.training.shape = run.test.shape = {1, 1, 1};
  run.training.pixels = sseg::Buffer<float>(20);
  run.test.pixels = sseg::Buffer<float>(20);
  for (Index i = 0; i < 20; ++i) {
    run.training.pixels[i] = static_cast<float>(i);
    run.test.pixels[i] = static_cast<float>(19 - i) + 0.25f;
    run.test.label.push_back(i < 5 ? 0 : 19 - i);
  }
  const auto score = sseg::score_omniglot(
      {run, run}, [](auto test, auto training) { return std::abs(test.data[0] - training.data[0]); });
  CHECK(score.correct == std::vector<Index>{15, 15});
  CHECK(score.error() == Approx(25));
}

}  // namespace omniglot_one_shot_test
