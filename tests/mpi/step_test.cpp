// One step of k ranks against the same step of one process, in double: whatever is not of the whole batch shows.
#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "mpi/ranks.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/dist/across.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "sseg/head/dino_head.hpp"
#include "sseg/head/rotation_head.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/ssl/dino.hpp"
#include "sseg/ssl/distillation.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/proto_clr.hpp"
#include "sseg/ssl/rotation.hpp"
#include "sseg/train/auxiliary_pass.hpp"
#include "sseg/train/repel_pass.hpp"
#include "sseg/train/step.hpp"
#include "support/catch.hpp"

namespace step_test {

using namespace sseg;

namespace {

using Loss =
    Objective<Term<NtXent>, Term<Dino, DinoHead>, Term<Distillation<CosineDistance>>, Term<Distillation<MeanSquare>>,
              Term<Distillation<KullbackLeibler>>, Term<Rotation, RotationHead>, Term<ProtoClr>>;
using Net = Learner<GlobalPool, Loss::Heads>;
using Ranks = Across<Reference<double>, Mpi>;

struct Pictures {
  View<const double> global, local, rotated;
  Index images = 0;
};

static_assert(AddsUpOverRows<NtXent, Ranks> && mean_over_images<Dino>);

constexpr Index images = 12, globals = 3, locals = 2, copies = 1, pixels = 64;

Loss all_terms() {
  Loss loss;
  std::get<1>(loss.terms).loss.center_momentum = 0.5f;
  return loss;
}
Net net_with_heads() {
  auto cnn = SeedNetwork{.initial_channels = 3, .num_blocks = 2}.build<GlobalPool>({8, 8, 1});
  residuals(stages(cnn)[1]).push_back(make_identity_block(3));
  const ProjectionHead one = projection_head(3, 5, 4);
  Net net{{std::move(cnn), {}}};
  head(net).heads = {one, dino_head(3, 5, 4, 6), one, one, one, rotation_head(3), one};
  head(net).on.fill(true);
  return net;
}

/// Pictures of all images, and this rank's part of each view.
struct Batch {
  std::vector<double> whole, part;

  Batch(Index views, const char* name, Index begin, Index count) : whole(to_size(views * images * pixels)) {
    Rng rng = Rng(5).split(name);
    for (double& v : whole) v = static_cast<double>(rng.normal());
    for (Index v = 0; v < views; ++v) {
      const auto from = whole.begin() + (v * images + begin) * pixels;
      part.insert(part.end(), from, from + count * pixels);
    }
  }
  static View<const double> view(const std::vector<double>& x) {
    return {x.data(), {static_cast<Index>(x.size()) / pixels, 8, 8, 1}};
  }
};

struct Bed {
  Range mine = part_of(images, ranks().size(), ranks().rank());
  Batch global{globals, "g", mine.begin, mine.size()}, local{locals, "l", mine.begin, mine.size()},
      rotated{copies, "r", mine.begin, mine.size()};
  Net net = net_with_heads();
  ParamStore<double> student = make_store<double>(net, 0, Rng(1)), teacher = make_store<double>(net, 0, Rng(2));
  Loss loss = all_terms();
  LossMemory<double> memory;
  Step<double> step;
  Reference<double> reference;

  Bed() {
    Rng rng(9);
    for (ParamStore<double>* s : {&student, &teacher})
      for (double& v : s->value) v += 0.1 * static_cast<double>(rng.normal());  // no gamma stays 0
  }
  Pictures all() const {
    return {Batch::view(global.whole), Batch::view(local.whole), Batch::view(rotated.whole), images};
  }
  Pictures part() const {
    return {Batch::view(global.part), Batch::view(local.part), Batch::view(rotated.part), mine.size()};
  }
  double run_whole() { return step.run(reference, net, student, teacher, all(), loss, memory, Progress{3, 10}); }
  template <class B>
  double run_part(B& backend) {
    return step.run(backend, net, student, teacher, part(), loss, memory, Progress{3, 10});
  }
};

double distance(const Buffer<double>& a, const Buffer<double>& b) {
  if (a.size() != b.size()) return 1;
  double worst = 0, size = 0;
  for (Index i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(a[i] - b[i]));
    size = std::max(size, std::abs(a[i]));
  }
  return worst / size;
}

constexpr double rounding = 1e-9;

}  // namespace

TEST_CASE("A step of k ranks has the losses, gradients, statistics and memory of one process with the whole batch") {
  Bed one, many;
  Reference<double> inner;
  Ranks across(inner, ranks());
  for (int repeat = 0; repeat < 2; ++repeat) {  // the second time DINO has a centre
    const double want = one.run_whole(), got = many.run_part(across);
    CHECK(got == Approx(want).epsilon(rounding));
    for (std::size_t i = 0; i < Loss::size; ++i) {
      INFO("term " << Loss::names()[i]);
      CHECK(many.step.losses()[i] == Approx(one.step.losses()[i]).epsilon(rounding));
    }
    CHECK(distance(one.student.grad, many.student.grad) < rounding);
    CHECK(distance(one.student.state, many.student.state) < rounding);
    CHECK(distance(one.memory[1], many.memory[1]) < rounding);
  }
}

TEST_CASE("Buckets of any size, summed while the backward pass runs, come to the bits of one sum after it") {
  for (const bool statistics : {true, false}) {
    Bed after;
    Reference<double> inner;
    Ranks whole(inner, ranks(), statistics, 0);
    after.run_part(whole);
    const Index parameters = after.student.grad.size();
    for (const Index bucket : {Index{1}, Index{7}, Index{64}, parameters - 1, parameters, 10 * parameters}) {
      INFO("buckets of " << bucket << " of " << parameters);
      Bed during;
      Ranks across(inner, ranks(), statistics, bucket);
      for (int repeat = 0; repeat < 2; ++repeat) {  // room is used again
        during.memory = {}, during.student.state = Bed().student.state;
        during.run_part(across);
        CHECK(during.student.grad == after.student.grad);
      }
      CHECK(during.student.state == after.student.state);
    }
  }
  Reference<double> inner;
  CHECK_THROWS_WITH(Ranks(inner, ranks(), true, -1), Catch::Matchers::Contains("bucket of gradients"));
}

TEST_CASE("Every rank holds the same bits after a step") {
  Bed bed;
  Reference<double> inner;
  Ranks across(inner, ranks());
  bed.run_part(across);
  const AllRanks<Ranks> all(across);
  CHECK_NOTHROW(all.check_same(std::span<const double>(bed.student.grad.span())));
  CHECK_NOTHROW(all.check_same(std::span<const double>(bed.student.state.span())));
  CHECK_NOTHROW(all.check_same(std::span<const double>(bed.memory[1].span())));
}

TEST_CASE("With statistics of their own, ranks add up their gradients, and the running ones are their mean") {
  Bed bed;
  Reference<double> inner;
  Ranks across(inner, ranks(), false);
  const Buffer<double> before = bed.student.state;
  bed.run_part(across);

  Bed alone;  // the backbone's statistics of this rank's part, by itself
  Trace<double> trace;
  trace.forward(alone.reference, backbone(alone.net), alone.student, alone.part().global, Mode::train);
  const Index count = backbone(alone.net).state_count();
  std::vector<double> mean(alone.student.state.begin(), alone.student.state.begin() + count);
  AllRanks<Ranks>(across).mean(std::span(mean));
  double worst = 0, moved = 0;
  for (Index i = 0; i < count; ++i) {
    worst = std::max(worst, std::abs(bed.student.state[i] - mean[to_size(i)]));
    moved = std::max(moved, std::abs(bed.student.state[i] - before[i]));
  }
  CHECK(worst < rounding);
  CHECK(moved > 1e-3);
  CHECK_NOTHROW(AllRanks<Ranks>(across).check_same(std::span<const double>(bed.student.grad.span())));
  if (ranks().size() > 1) {
    Bed whole;
    whole.run_whole();
    CHECK(distance(whole.student.grad, bed.student.grad) > 1e-3);  // another net, and it shows
  }
}

TEST_CASE("A path that is pushed away from the teacher has the gradient of the whole batch") {
  Bed one, many;
  Reference<double> inner;
  Ranks across(inner, ranks());
  RepelPass<double> apart, together;
  const Repel repel{.margin = -1};
  const double want = apart.run(one.reference, backbone(one.net), one.student, one.teacher, one.all(), repel);
  const double got = together.run(across, backbone(many.net), many.student, many.teacher, many.part(), repel);
  CHECK(got == Approx(want).epsilon(rounding));
  CHECK(distance(one.student.grad, many.student.grad) < rounding);
}

TEST_CASE("GradMax's matrices are those of the whole batch") {
  Bed one, many;
  Reference<double> inner;
  Ranks across(inner, ranks());
  one.run_whole();
  many.run_part(across);
  AuxiliaryPass<double> apart, together;
  const auto want = apart.run(one.reference, one.net, one.student, one.step, one.all(), one.loss, {3, 10});
  const auto got = together.run(across, many.net, many.student, many.step, many.part(), many.loss, {3, 10});
  REQUIRE(want.size() == got.size());
  for (std::size_t s = 0; s < want.size(); ++s)
    for (const auto member : {&AuxiliaryView::gradient, &AuxiliaryView::covariance}) {
      const View<const double> a = want[s].*member, b = got[s].*member;
      REQUIRE(a.shape == b.shape);
      double worst = 0, size = 0;
      for (Index i = 0; i < a.shape.count(); ++i) {
        worst = std::max(worst, std::abs(a.data[i] - b.data[i]));
        size = std::max(size, std::abs(a.data[i]));
      }
      CHECK(worst < 1e-8 * size);
    }
}

TEST_CASE("Features that collapse is looked for in are those of all ranks, in the order of the batch") {
  Bed one, many;
  Reference<double> inner;
  Ranks across(inner, ranks());
  one.run_whole();
  many.run_part(across);
  const auto want = one.step.pair_features(), got = many.step.all_pair_features(across);
  REQUIRE(want.shape == got.shape);
  double worst = 0;
  for (Index i = 0; i < want.shape.count(); ++i) worst = std::max(worst, std::abs(want.data[i] - got.data[i]));
  CHECK(worst < 1e-9);
}

TEST_CASE("What differs between ranks is told with the rank, on all of them") {
  Reference<double> inner;
  Ranks across(inner, ranks());
  const AllRanks<Ranks> all(across);
  std::vector<double> x(5, 1);
  CHECK_NOTHROW(all.check_same(std::span<const double>(x)));
  if (ranks().size() == 1) return;
  if (ranks().rank() == 1) x[4] = -1;
  CHECK_THROWS_WITH(
      all.check_same(std::span<const double>(x)),
      Catch::Matchers::Contains("rank 1 has come to other parameters") && Catch::Matchers::Contains("--lanes"));
  CHECK(all.any(ranks().rank() == ranks().size() - 1));
  CHECK_FALSE(all.any(false));
  CHECK(all.of_first(ranks().rank() + 7.0) == 7.0);
  CHECK_THROWS_WITH(all.part_of_batch(ranks().size() * 3 + 1), Catch::Matchers::Contains("cannot be shared by"));
}

}  // namespace step_test
