#include "sseg/train/step.hpp"

#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/layer/batch_norm_rows.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "support/catch.hpp"

namespace step_test {

using namespace sseg;

namespace {

/// ½·mean square of the outputs, or of their distance to the teacher's, over whatever views it is told to see. Its
/// memory holds its calls, and the images and the step of the last one.
template <Sees Where, bool Taught = false>
struct Square {
  static constexpr std::string_view name = Taught                   ? "taught"
                                           : Where == Sees::crops   ? "crops"
                                           : Where == Sees::rotated ? "rotated"
                                                                    : "global";
  static constexpr Sees sees = Where;
  static constexpr bool needs_teacher = Taught;
  bool operator==(const Square&) const = default;
  constexpr Index scratch(Shape) const { return 0; }
  constexpr Index memory(Shape) const { return 3; }
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
    a.memory[1] = static_cast<T>(a.images);
    a.memory[2] = static_cast<T>(a.at.step);
    return loss;
  }
};

/// A head with running statistics.
using Normed = Chain<Linear, BatchNormRows, Relu, Linear>;
using Loss = Objective<Term<NtXent>, Term<Square<Sees::crops>, Normed>, Term<Square<Sees::rotated>, Normed>,
                       Term<Square<Sees::pair, true>>, Term<Square<Sees::global>>>;
using Net = Learner<GlobalPool, Loss::Heads>;

template <class T>
struct Pictures {
  View<const T> global, local, rotated;
  Index images = 0;
};

Net small_net() {
  auto cnn = SeedNetwork{.initial_channels = 3, .num_blocks = 2}.build<GlobalPool>({8, 8, 1});
  const ProjectionHead one = projection_head(3, 4, 3);
  const Normed two = chain(Linear{.in = 3, .out = 5}, BatchNormRows{5}, Relu{}, Linear{.in = 5, .out = 2});
  return {{std::move(cnn), {{one, two, two, one, one}, {true, true, true, true, true}}}};
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

  double run(const Loss& loss, Index at = 0, bool update_state = false) {
    return step.run(backend, net, student, teacher, views, loss, memory, Progress{at, 10}, update_state);
  }
  /// Leaves only the first images of every view.
  void keep_images(Index count) {
    views.images = count;
    for (View<const double>* v : {&views.global, &views.local, &views.rotated})
      v->shape.extent[0] = v->shape[0] / 3 * count;
  }
};

using Rows = std::vector<double>;

/// The backbone's features of each resolution by itself, one after the other.
Rows features(Bed& bed, ParamStore<double>& store, std::initializer_list<View<const double>> groups) {
  Rows all;
  for (const auto& x : groups) {
    Trace<double> trace;
    const auto y = trace.forward(bed.backend, backbone(bed.net), store, x, Mode::train, false).flat();
    all.insert(all.end(), y.begin(), y.end());
  }
  return all;
}
/// A head by itself on rows of features, three to a row: its outputs, and its store afterwards.
template <class Head>
std::pair<Rows, ParamStore<double>> apart(Bed& bed, const Head& head, const ParamStore<double>& whole,
                                          const std::string& task, const double* begin, Index rows) {
  auto own = make_store<double>(head, 0, Rng(1));
  for (const auto& e : own.entries) {
    if (!e.is_param()) continue;
    const auto from = whole.values(whole.at("net/1/" + task + e.desc.key.substr(3)));
    std::copy(from.begin(), from.end(), own.values(e).begin());
  }
  Trace<double> trace;
  const auto z = trace.forward(bed.backend, head, own, {begin, {rows, 3}}, Mode::train).flat();
  return {Rows(z.begin(), z.end()), own};
}
double half_mean_square(const Rows& z, const Rows& from = {}) {
  double sum = 0;
  for (std::size_t i = 0; i < z.size(); ++i) sum += std::pow(z[i] - (from.empty() ? 0 : from[i]), 2);
  return 0.5 * sum / static_cast<double>(z.size());
}

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

TEST_CASE("Every term reads the rows of the views that it sees, and the teacher reads the pair alone") {
  Bed bed;
  const Loss loss = all_terms();
  const double total = bed.run(loss, 3);
  const auto& v = bed.views;
  const View<const double> pair{v.global.data, {6, 8, 8, 1}};
  const Rows h = features(bed, bed.student, {v.global, v.local, v.rotated}), t = features(bed, bed.teacher, {pair});
  const auto& heads = head(bed.net).heads;
  const auto z = [&](const auto& one, const char* task, Index begin, Index rows) {
    return apart(bed, one, bed.student, task, h.data() + begin * 3, rows).first;
  };
  const std::vector<double>& losses = bed.step.losses();
  REQUIRE(losses.size() == 5);
  CHECK(losses[1] == Approx(half_mean_square(z(std::get<1>(heads), "crops", 0, 15))));
  CHECK(losses[2] == Approx(half_mean_square(z(std::get<2>(heads), "rotated", 15, 3))));
  const Rows taught = apart(bed, std::get<3>(heads), bed.teacher, "taught", t.data(), 6).first;
  CHECK(losses[3] == Approx(half_mean_square(z(std::get<3>(heads), "taught", 0, 6), taught)));
  CHECK(losses[4] == Approx(half_mean_square(z(std::get<4>(heads), "global", 0, 9))));
  CHECK(total == Approx(0.7f * losses[0] + 1.3f * losses[1] + losses[2] + losses[3] + losses[4]).epsilon(1e-12));
  CHECK(bed.memory[4][1] == 3);  // images
  CHECK(bed.memory[4][2] == 3);  // step

  const View<const double> shown = bed.step.pair_features(), slope = bed.step.feature_gradient();
  REQUIRE(shown.shape == Shape{6, 3});
  CHECK(slope.shape == Shape{9, 3});
  for (Index i = 0; i < 18; ++i) CHECK(shown.data[i] == Approx(h[to_size(i)]));
  std::vector<Index> rows;
  bed.step.each_head(bed.net, loss, {3, 10}, [&](const auto&, Seat, const auto&, View<const double> seen) {
    CHECK(seen.data == shown.data);
    rows.push_back(seen.shape[0]);
  });
  CHECK(rows == std::vector<Index>{6, 9, 6, 9});  // of crops the global ones; rotated copies are no global views
}

TEST_CASE("A step begins anew: another one, or one with fewer images, leaves nothing behind") {
  Bed used, fresh;
  const Loss loss = all_terms();
  used.run(loss);
  const Buffer<double> gradient = used.student.grad;
  used.run(loss);
  CHECK(used.student.grad == gradient);
  used.keep_images(2);
  fresh.keep_images(2);
  CHECK(used.run(loss) == fresh.run(loss));
  CHECK(used.student.grad == fresh.student.grad);
  CHECK(used.step.losses() == fresh.step.losses());
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
  std::get<1>(fewer.layers).on = {false, false, true, false, false};
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
  CHECK(largest("net/1/rotated/3/weight") == 0);
  CHECK(largest("net/1/rotated/3/bias") == 0);
  CHECK(largest("net/1/rotated/0/weight") > 0);
  CHECK(largest("net/1/crops/3/weight") > 0);
  bed.run(loss, 4);
  CHECK(largest("net/1/rotated/3/weight") > 0);
}

TEST_CASE("Running statistics move only when asked, those of a head by all that it sees") {
  Bed bed;
  const Buffer<double> before = bed.student.state;
  bed.run(all_terms());
  CHECK(bed.student.state == before);
  const Rows h = features(bed, bed.student, {bed.views.global, bed.views.local, bed.views.rotated});
  bed.run(all_terms(), 0, true);
  const auto& heads = head(bed.net).heads;
  const auto crops = apart(bed, std::get<1>(heads), bed.student, "crops", h.data(), 15).second,
             rotated = apart(bed, std::get<2>(heads), bed.student, "rotated", h.data() + 45, 3).second;
  for (const auto& [task, own] : {std::pair{"crops", &crops}, std::pair{"rotated", &rotated}})
    for (const auto& e : own->entries) {
      if (e.is_param()) continue;
      const auto moved =
          std::as_const(bed.student).values(bed.student.at(std::string("net/1/") + task + e.desc.key.substr(3)));
      for (std::size_t c = 0; c < 5; ++c) CHECK(moved[c] == Approx(own->values(e)[c]));
    }
}

TEST_CASE("Only global views move the running statistics of the backbone") {
  Bed bed;
  Bed other;
  for (double& v : other.local) v = 9 * v;
  for (double& v : other.turned) v = -v;
  for (Bed* b : {&bed, &other})
    b->step.run(b->backend, b->net, b->student, b->teacher, b->views, all_terms(), b->memory, {}, true);
  const ParamStore<double> fresh = make_store<double>(bed.net, 0, Rng(1));
  for (Index i = 0; i < backbone(bed.net).state_count(); ++i) {
    CHECK(bed.student.state[i] == other.student.state[i]);
    CHECK(bed.student.state[i] != fresh.state[i]);
  }
}

TEST_CASE("A loss keeps what it remembers, and what has the wrong length is refused and not forgotten") {
  Bed bed;
  bed.run(all_terms());
  bed.run(all_terms());
  CHECK(bed.memory[2][0] == 2);
  bed.memory[2].resize(7);
  CHECK(fails_with([&] { bed.run(all_terms()); }, "remembers 7 values"));
  CHECK(bed.memory[2].size() == 7);
}

TEST_CASE("A step says what it lacks") {
  Bed bed;
  bed.views.rotated = {};
  CHECK(fails_with([&] { bed.run(all_terms()); }, "no pictures of its kind"));
  Bed one;
  one.views.global.shape.extent[0] = 3;
  CHECK(fails_with([&] { one.run(all_terms()); }, "two global views"));
}

}  // namespace step_test
