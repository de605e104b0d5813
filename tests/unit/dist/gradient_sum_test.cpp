#include "sseg/dist/gradient_sum.hpp"

#include <utility>
#include <vector>

#include "../train/small_run.hpp"
#include "copies.hpp"
#include "sseg/dist/across.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"

namespace gradient_sum_test {

using namespace small_run;

namespace {

/// One process that stands for two equal ones; a sum under way is made when it is waited for.
struct Background : Copies {
  std::vector<std::span<float>> under_way{};
  std::vector<std::pair<const float*, std::size_t>> begun{};
  std::size_t begun_in_time = 0;  ///< before they were waited for
  bool remember = true;

  template <class T>
  void begin_sum(std::span<T> x) {
    if constexpr (std::is_same_v<T, float>) {
      under_way.push_back(x);
      if (remember) begun.emplace_back(x.data(), x.size());
    }
  }
  void progress_sums() { begun_in_time = under_way.size(); }
  void end_sums() {
    for (const std::span<float> x : under_way) all_reduce(x);
    under_way.clear();
  }
};
static_assert(SumsInBackground<Background> && Communicator<Background>);

struct Bed {
  std::vector<float> x = std::vector<float>(100, 1.f);
  Background ranks;
  std::span<float> all() { return x; }
  void done(GradientSum& sum, std::size_t from, std::size_t to) {
    sum.done(ranks, all(), std::span<const float>(x).subspan(from, to - from));
  }
  /// (from, to) of what has begun so far.
  std::vector<std::pair<int, int>> begun() const {
    std::vector<std::pair<int, int>> out;
    for (const auto& [at, count] : ranks.begun)
      out.emplace_back(static_cast<int>(at - x.data()), static_cast<int>(at - x.data() + static_cast<int>(count)));
    return out;
  }
};
using Spans = std::vector<std::pair<int, int>>;

}  // namespace

TEST_CASE("A bucket is summed when the pass has finished with all of it, the last parameters first") {
  Bed bed;
  GradientSum sum(30);
  sum.begin(std::span<const float>(bed.x));
  bed.done(sum, 80, 100);
  CHECK(bed.begun().empty());
  bed.done(sum, 69, 80);
  CHECK(bed.begun() == Spans{{70, 100}});
  bed.done(sum, 10, 69);
  CHECK(bed.begun() == Spans{{70, 100}, {40, 70}, {10, 40}});
  bed.done(sum, 0, 10);
  CHECK(bed.begun().size() == 3);
  sum.end(bed.ranks, bed.all());
  CHECK(bed.begun().back() == std::pair(0, 10));
  CHECK(bed.x == std::vector<float>(100, 2.f));
}

TEST_CASE("After a pass that has failed nothing more is summed, until another begins") {
  Bed bed;
  GradientSum sum(30);
  sum.begin(std::span<const float>(bed.x));
  bed.done(sum, 60, 100);
  sum.abandon();
  bed.ranks.end_sums();
  bed.done(sum, 0, 60);
  CHECK(bed.begun() == Spans{{70, 100}});
  sum.begin(std::span<const float>(bed.x));
  sum.end(bed.ranks, bed.all());
  CHECK(bed.begun().size() == 5);
}

TEST_CASE("What is told out of order waits for what stands after it, and what is told twice counts once") {
  Bed bed;
  GradientSum sum(20);
  sum.begin(std::span<const float>(bed.x));
  bed.done(sum, 0, 40);  // as a layer whose parts run front to back
  CHECK(bed.begun().empty());
  bed.done(sum, 90, 100);
  bed.done(sum, 70, 90);
  bed.done(sum, 70, 100);  // the whole of both
  CHECK(bed.begun() == Spans{{80, 100}});
  const std::vector<float> elsewhere(10);
  sum.done(bed.ranks, bed.all(), std::span<const float>(elsewhere));
  bed.done(sum, 0, 100);
  CHECK(bed.begun() == Spans{{80, 100}, {60, 80}, {40, 60}, {20, 40}, {0, 20}});
  sum.end(bed.ranks, bed.all());
  CHECK(bed.x == std::vector<float>(100, 2.f));
  bed.done(sum, 0, 100);  // no pass
  CHECK(bed.begun().size() == 5);
}

TEST_CASE("A pass that tells nothing is summed at its end, bucket by bucket") {
  Bed bed;
  GradientSum sum(60);
  sum.begin(std::span<const float>(bed.x));
  sum.end(bed.ranks, bed.all());
  CHECK(bed.begun() == Spans{{40, 100}, {0, 40}});
  CHECK(bed.x == std::vector<float>(100, 2.f));
  CHECK_THROWS_WITH(GradientSum(-1), Catch::Matchers::Contains("0 to sum after the backward pass"));
}

TEST_CASE("A training step begins its sums while the backward pass runs, from the heads down, and takes no memory") {
  Cpu cpu(1);
  Background ranks;
  Across across(cpu, ranks, true, 50);
  const Images train = images();
  const SmallRecipe r = recipe();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  FitConfig c = config;
  auto fit = make_fit(across, train, probe, c, r, Rng(3));
  State state = start();
  fit.step(state);
  const auto& store = state.model.student;
  const std::size_t buckets = (to_size(store.grad.size()) + 49) / 50;
  REQUIRE(ranks.begun.size() == buckets);
  CHECK(ranks.begun.front().first == store.grad.data() + store.grad.size() - 50);
  CHECK(ranks.begun.back().first == store.grad.data());
  CHECK(ranks.begun_in_time >= buckets - 1);  // all but a rest that no bucket fills
  std::size_t in_head = 0;
  const float* const head = store.grad.data() + backbone(state.model.net).param_count();
  for (const auto& [at, count] : ranks.begun) in_head += at >= head ? 1 : 0;
  CHECK(in_head + 2 < buckets);
}

TEST_CASE("Summing in buckets takes no memory once a step has run") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  Cpu cpu(1);
  Background ranks;
  ranks.remember = false;
  Across across(cpu, ranks, true, 50);
  State state = start();
  const Images x = images();
  const ViewSet::Views views{{x.pixels.data(), {16, 16, 16, 1}}, {}, {}, 8};
  LossMemory<float> memory;
  Step<float> step;
  const auto take = [&] {
    step.run(across, state.model.net, state.model.student, state.model.teacher, views, recipe().objective, memory, {});
  };
  run_until_quiet(take);
  const long before = malloc_count();
  take();
  CHECK(malloc_count() == before);
}

}  // namespace gradient_sum_test
