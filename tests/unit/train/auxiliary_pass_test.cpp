#include "sseg/train/auxiliary_pass.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "sseg/head/rotation_head.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/objective.hpp"
#include "sseg/ssl/proto_clr.hpp"
#include "sseg/ssl/rotation.hpp"
#include "support/catch.hpp"

namespace auxiliary_pass_test {

using namespace sseg;

namespace {

using Both = Objective<Term<NtXent>, Term<ProtoClr>, Term<Rotation, RotationHead>>;

/// One double-precision step over three global views and rotated copies of four images.
struct OneStep {
  Reference<double> backend;
  Both losses;
  Learner<Flatten, Both::Heads> net;
  ParamStore<double> student, teacher;
  std::vector<double> global = noise(12), rotated = noise(4);
  struct Views {
    View<const double> global, local{}, rotated;
    Index images = 4;
  } views{{global.data(), {12, 9, 9, 1}}, {}, {rotated.data(), {4, 9, 9, 1}}};
  LossMemory<double> memory;
  Step<double> step;

  OneStep() {
    const auto cnn = SeedNetwork{.initial_channels = 3, .num_blocks = 2}.build({9, 9, 1});
    net = make_learner(cnn, {9, 9, 1}, losses);
    student = make_store<double>(net, 0, Rng(3));
    teacher = student;
    step.run(backend, net, student, teacher, views, losses, memory, {0, 10}, false);
  }
  static std::vector<double> noise(Index images) {
    std::vector<double> x(to_size(images * 81));
    Rng rng(static_cast<std::uint64_t>(images));
    for (double& v : x) v = static_cast<double>(rng.uniform());
    return x;
  }
};

}  // namespace

TEST_CASE("The gradient at a head's entry gives the gradient of the entry's weights") {
  OneStep s;
  const ParamStore<double> before = s.student;  // with the gradients of the step
  int heads = 0;
  s.step.each_head(s.net, s.losses, {0, 10}, [&](const auto& head, Seat seat, const auto& pass, View<const double> h) {
    ++heads;
    const Linear& entry = std::get<0>(head.layers);
    std::vector<double> dz(to_size(h.shape[0] * entry.out), 0.0);
    detail::entry_gradient(s.backend, head, s.student, seat, pass, h, dz.data());
    for (Index o = 0; o < entry.out; o += 37)
      for (Index i = 0; i < entry.in; ++i) {
        double sum = 0;
        for (Index n = 0; n < h.shape[0]; ++n) sum += dz[to_size(n * entry.out + o)] * h.data[n * entry.in + i];
        CHECK(std::abs(sum - before.grad[seat.param + o * entry.in + i]) < 1e-10);
      }
  });
  CHECK(heads == 2);  // rotated copies are no global views
}

TEST_CASE("Every stage gets its matrices, the last one from all heads on global views") {
  OneStep s;
  AuxiliaryPass<double> pass;
  const auto all = pass.run(s.backend, s.net, s.student, s.step, s.views, s.losses, {0, 10});
  REQUIRE(all.size() == 2);
  // Outgoing: the second entry's 3×3 taps and 3 filters; two projectors' 256 rows at 2×2 positions.
  CHECK(all[0].gradient.shape == Shape{27, 9});
  CHECK(all[1].gradient.shape == Shape{2 * 4 * 256, 27});
  CHECK(all[1].covariance.shape == Shape{27, 27});
  Rng rng(1);
  const WidenGradMax widen{.max_channels = 8};
  const Signals signals{.image = {1, 9, 9, 1}, .auxiliary = all};
  const auto edit = widen.propose(s.net, signals, rng);
  REQUIRE(edit);
  CHECK(std::any_of(edit->filters.begin(), edit->filters.end(), [](float f) { return f != 0; }));

  for (const AuxiliaryView& a : all)
    CHECK(std::any_of(a.gradient.data, a.gradient.data + a.gradient.shape.count(), [](double v) { return v != 0; }));
}

}  // namespace auxiliary_pass_test
