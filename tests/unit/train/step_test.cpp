#include "sseg/train/step.hpp"

#include <cmath>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "support/catch.hpp"

using namespace sseg;

namespace {

/// ½·mean square of the outputs, or of their distance to the teacher's, over whatever views it is told to see. Counts
/// its calls in its memory.
template <Sees Where, bool Taught = false>
struct Square {
  static constexpr std::string_view name = Taught                   ? "taught"
                                           : Where == Sees::crops   ? "crops"
                                           : Where == Sees::rotated ? "rotated"
                                                                    : "other";
  static constexpr Sees sees = Where;
  static constexpr bool needs_teacher = Taught;
  bool operator==(const Square&) const = default;
  constexpr Index scratch(Shape) const { return 0; }
  constexpr Index memory(Shape) const { return 1; }
  template <class B>
  double operator()(B&, const LossArgs<typename B::Scalar>& a) const {
    using T = typename B::Scalar;
    double loss = 0;
    const auto n = static_cast<double>(a.z.shape.count());
    for (Index i = 0; i < a.z.shape.count(); ++i) {
      const T d = a.z.data[i] - (Taught ? a.teacher.data[i] : T{});
      loss += 0.5 * static_cast<double>(d * d) / n;
      a.dz.data[i] = d / static_cast<T>(n);
    }
    a.memory[0] += T{1};
    return loss;
  }
};

using Loss =
    Objective<Term<NtXent>, Term<Square<Sees::crops>>, Term<Square<Sees::rotated>>, Term<Square<Sees::pair, true>>>;
using Net = Learner<GlobalPool, Loss::Heads>;

template <class T>
struct Pictures {
  View<const T> global, local, rotated;
  Index images = 0;
};

Net small_net() {
  auto cnn = SeedNetwork{.initial_channels = 3, .num_blocks = 2}.build<GlobalPool>({8, 8, 1});
  const ProjectionHead one = projection_head(3, 4, 3);
  return {{std::move(cnn), {{one, one, one, one}, {true, true, true, true}}}};
}
Loss all_terms() {
  Loss loss;
  std::get<0>(loss.terms).loss.temperature = 0.5f;
  std::get<0>(loss.terms).weight.value = 0.7f;
  std::get<1>(loss.terms).weight.value = 1.3f;
  return loss;
}

template <class T>
Buffer<T> noise(Index count, const char* name) {
  Buffer<T> out(count);
  Rng rng = Rng(5).split(name);
  for (T& v : out) v = static_cast<T>(rng.normal());
  return out;
}

struct Bed {
  Net net = small_net();
  ParamStore<double> student = make_store<double>(net, 0, Rng(1)), teacher = make_store<double>(net, 0, Rng(2));
  Buffer<double> global = noise<double>(9 * 64, "g"), local = noise<double>(6 * 36, "l"),
                 turned = noise<double>(3 * 64, "r");
  Pictures<double> views{{global.data(), {9, 8, 8, 1}}, {local.data(), {6, 6, 6, 1}}, {turned.data(), {3, 8, 8, 1}}, 3};
  Reference<double> backend;
  LossMemory<double> memory;
  Step<double> step;

  double run(const Loss& loss, Index at = 0) {
    return step.run(backend, net, student, teacher, views, loss, memory, Progress{at, 10}, false);
  }
};

template <class F>
bool fails_with(F&& f, const char* words) {
  try {
    f();
  } catch (const Error& e) {
    return std::string(e.what()).find(words) != std::string::npos;
  }
  return false;
}

}  // namespace

TEST_CASE("A step's gradient is that of the weighted sum of its terms, over views of several sizes") {
  Bed bed;
  const Loss loss = all_terms();
  bed.run(loss);
  const Buffer<double> gradient = bed.student.grad;
  const double h = 1e-5;
  for (Index i = 0; i < bed.student.value.size(); i += 3) {
    double& w = bed.student.value[i];
    const double start = w;
    w = start + h;
    const double up = bed.run(loss);
    w = start - h;
    const double down = bed.run(loss);
    w = start;
    INFO("parameter " << i);
    CHECK(gradient[i] == Approx((up - down) / (2 * h)).epsilon(1e-4).margin(1e-7));
  }
}

TEST_CASE("The teacher gets no gradient and keeps its statistics") {
  Bed bed;
  const ParamStore<double> before = bed.teacher;
  bed.step.run(bed.backend, bed.net, bed.student, bed.teacher, bed.views, all_terms(), bed.memory, {}, true);
  CHECK(bed.teacher.value == before.value);
  CHECK(bed.teacher.state == before.state);
  for (const double g : bed.teacher.grad) CHECK(g == 0);
}

TEST_CASE("A term with weight 0 is not run, and one that is off has no parameters") {
  Bed bed;
  Loss loss = all_terms();
  std::get<1>(loss.terms).weight.value = 0;
  bed.run(loss);
  CHECK(bed.memory[1].size() == 0);
  CHECK(bed.memory[2][0] == 1);
  CHECK(bed.step.losses()[1] == 0);
  CHECK(bed.step.losses()[2] > 0);
  const auto& w = bed.student.at("net/1/crops/0/weight");
  for (const double g : bed.student.gradient(w)) CHECK(g == 0);

  Net fewer = bed.net;
  std::get<1>(fewer.layers).on = {false, false, true, false};
  CHECK(fewer.param_count() < bed.net.param_count());
  const auto store = make_store<double>(fewer, 0, Rng(1));
  CHECK(store.find("net/1/nt_xent/0/weight") == nullptr);
  CHECK(store.find("net/1/rotated/0/weight") != nullptr);
  std::get<1>(fewer.layers).on = {};
  CHECK(fails_with([&] { fewer.out_shape({1, 8, 8, 1}); }, "every head is off"));
}

TEST_CASE("A frozen head holds its last layer still, and only that") {
  Bed bed;
  Loss loss = all_terms();
  std::get<2>(loss.terms).frozen_steps = 4;
  const auto largest = [&](const char* key) {
    double most = 0;
    for (const double g : bed.student.gradient(bed.student.at(key))) most = std::max(most, std::abs(g));
    return most;
  };
  bed.run(loss, 3);
  CHECK(largest("net/1/rotated/2/weight") == 0);
  CHECK(largest("net/1/rotated/2/bias") == 0);
  CHECK(largest("net/1/rotated/0/weight") > 0);
  CHECK(largest("net/1/crops/2/weight") > 0);
  bed.run(loss, 4);
  CHECK(largest("net/1/rotated/2/weight") > 0);
}

TEST_CASE("Only global views move the running statistics") {
  Bed bed;
  Bed other;
  for (double& v : other.local) v = 9 * v;
  for (double& v : other.turned) v = -v;
  for (Bed* b : {&bed, &other})
    b->step.run(b->backend, b->net, b->student, b->teacher, b->views, all_terms(), b->memory, {}, true);
  CHECK(bed.student.state == other.student.state);
  const ParamStore<double> fresh = make_store<double>(bed.net, 0, Rng(1));
  CHECK_FALSE(bed.student.state == fresh.state);
}

TEST_CASE("A loss keeps what it remembers, and what has the wrong length is refused and not forgotten") {
  Bed bed;
  bed.run(all_terms());
  bed.run(all_terms());
  CHECK(bed.memory[2][0] == 2);
  bed.memory[2].resize(3);
  CHECK(fails_with([&] { bed.run(all_terms()); }, "remembers 3 values"));
  CHECK(bed.memory[2].size() == 3);
}

TEST_CASE("A step says what it lacks") {
  Bed bed;
  bed.views.rotated = {};
  CHECK(fails_with([&] { bed.run(all_terms()); }, "no pictures of its kind"));
  Bed one;
  one.views.global.shape.extent[0] = 3;
  CHECK(fails_with([&] { one.run(all_terms()); }, "two global views"));
}
