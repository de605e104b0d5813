#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/curriculum/synthetic_shapes.hpp"
#include "sseg/evolve/auxiliary_gradients.hpp"
#include "sseg/evolve/growing.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "sseg/net/trace.hpp"
#include "sseg/optim/adamw.hpp"
#include "support/catch.hpp"
#include "unit/evolve/gradient_growth.hpp"

namespace widen_grad_max_test {

using namespace gradient_growth;

TEST_CASE("Right singular vectors are orthonormal, sorted, and no direction beats the first") {
  for (const auto& [rows, cols] : {std::pair<Index, Index>{7, 5}, {4, 9}, {1, 1}, {30, 18}}) {
    const auto values = noise(rows * cols, static_cast<std::uint64_t>(rows));
    const View<const double> a{values.data(), {rows, cols}};
    const auto v = right_singular_vectors(a, cols);
    REQUIRE(static_cast<Index>(v.size()) == cols * cols);
    double all = 0, before = 1e300;
    for (Index i = 0; i < cols; ++i) {
      for (Index j = 0; j < cols; ++j) {
        double dot = 0;
        for (Index p = 0; p < cols; ++p) dot += v[to_size(i * cols + p)] * v[to_size(j * cols + p)];
        CHECK(dot == Approx(i == j).margin(1e-10));
      }
      const double size = norm_of_product(a, v.data() + i * cols);
      CHECK(size <= before * (1 + 1e-9) + 1e-7);
      before = size;
      all += size * size;
      // AᵀA·v = σ²·v
      for (Index p = 0; p < cols; ++p) {
        double sum = 0;
        for (Index r = 0; r < rows; ++r)
          sum += values[to_size(r * cols + p)] * row_times(a, r, {v.begin() + i * cols, v.begin() + (i + 1) * cols});
        CHECK(sum == Approx(size * size * v[to_size(i * cols + p)]).margin(1e-9));
      }
    }
    double frobenius = 0;
    for (const double x : values) frobenius += x * x;
    CHECK(all == Approx(frobenius));
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      auto w = noise(cols, 100 + seed);
      double length = 0;
      for (const double x : w) length += x * x;
      for (double& x : w) x /= std::sqrt(length);
      CHECK(norm_of_product(a, w.data()) <= norm_of_product(a, v.data()) * (1 + 1e-12));
    }
    CHECK_THROWS_AS(right_singular_vectors(a, cols + 1), Error);
  }
  const double broken[] = {1, NAN};
  CHECK_THROWS_AS(right_singular_vectors(View<const double>{broken, {1, 2}}, 1), Error);
}

TEST_CASE("No filter of the same output variance beats the steepest one") {
  const Index n = 8;
  const auto a = noise(5 * n, 1), root = noise(n * n, 2);
  std::vector<double> c(n * n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      for (Index k = 0; k < n; ++k) c[to_size(i * n + j)] += root[to_size(k * n + i)] * root[to_size(k * n + j)];
  const View<const double> gradient{a.data(), {5, n}}, covariance{c.data(), {n, n}};
  double ridge = 0;
  for (Index i = 0; i < n; ++i) ridge += 1e-3 * c[to_size(i * n + i)] / static_cast<double>(n);
  const auto score = [&](std::vector<double> w) {
    double square = 0;
    for (Index p = 0; p < n; ++p) square += w[to_size(p)] * (row_times(covariance, p, w) + ridge * w[to_size(p)]);
    return norm_of_product(gradient, w.data()) / std::sqrt(square);
  };
  const auto best = steepest_filters(gradient, covariance, 3);
  const auto filter = [&](Index f) { return std::vector<double>(best.begin() + f * n, best.begin() + (f + 1) * n); };
  CHECK(score(filter(0)) > score(filter(1)));
  CHECK(score(filter(1)) > score(filter(2)));
  double squares = 0;
  for (const double w : filter(1)) squares += w * w;
  CHECK(squares == Approx(2));
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CHECK(score(noise(n, 50 + seed)) < score(filter(0)));
    auto near = filter(0);
    const auto step = noise(n, 500 + seed);
    for (Index p = 0; p < n; ++p) near[to_size(p)] += 1e-3 * step[to_size(p)];
    CHECK(score(near) <= score(filter(0)));
  }
  c[0] = -1;
  CHECK_THROWS_AS(steepest_filters(gradient, covariance, 1), Error);
}

namespace {

using Net = Learner<>;

/// A net half trained towards the features of another one, on drawings.
struct Learning {
  Index count = 32;
  Images images = SyntheticShapes{.seed = 4, .count = 32, .side = 16}.images();
  View<const float> batch{images.pixels.data(), {32, 16, 16, 1}};
  Cpu cpu{1};
  Growing<Net, float> model = make(5, 6);
  std::vector<float> target, d;

  static Growing<Net, float> make(std::uint64_t seed, Index channels) {
    EvolvableCnn<> cnn;
    stages(cnn).push_back(make_stage(1, channels, 2));
    stages(cnn).push_back(make_stage(channels, channels, 2));
    stages(cnn).push_back(make_stage(channels, 6, 2));
    Net net = make_learner(cnn, {16, 16, 1}, 6, 3);
    auto store = make_store<float>(net, AdamW::moments, Rng(seed));
    return {net, store, store};
  }
  Learning() {
    auto other = make(77, 16);
    Trace<float> trace;
    const auto f = trace.forward(cpu, backbone(other.net), other.student, batch, Mode::train, false);
    target.assign(f.flat().begin(), f.flat().end());
    for (int i = 0; i < 150; ++i) step(model);
  }
  double backward(Growing<Net, float>& m) {
    Trace<float> trace;
    m.student.zero_grad();
    const auto f = trace.forward(cpu, backbone(m.net), m.student, batch, Mode::train, false);
    double loss = 0;
    d.resize(target.size());
    for (std::size_t i = 0; i < d.size(); ++i) {
      d[i] = (f.data[i] - target[i]) / 32;
      loss += 16 * static_cast<double>(d[i] * d[i]);
    }
    trace.backward(cpu, backbone(m.net), m.student, batch, {d.data(), f.shape});
    return loss;
  }
  double step(Growing<Net, float>& m) {
    const double loss = backward(m);
    AdamW{.decay = 0}.update(cpu, m.student, 0.005f);
    return loss;
  }
  /// ‖gradient in the weights that read the new channels of stage 1‖, and the loss some steps later.
  template <class M>
  std::pair<double, double> outcome(const M& mutation, const typename M::Edit& edit, std::uint64_t seed) {
    auto copy = model;
    mutate(copy, mutation, edit, Rng(seed));
    backward(copy);
    const auto& e = copy.student.at("net/0/0/#2/0/0/weight");
    double squares = 0;
    for (Index i = 0; i < e.count(); ++i)
      if (i / 6 % edit.channels >= 6) squares += std::pow(static_cast<double>(copy.student.grad[e.offset + i]), 2);
    double loss = 0;
    for (int i = 0; i < 20; ++i) loss = step(copy);
    return {std::sqrt(squares), loss};
  }
};

}  // namespace

TEST_CASE("GradMax's filters give new channels larger gradients than random ones, and the loss falls faster") {
  Learning learning;
  learning.backward(learning.model);
  AuxiliaryGradients<float> a;
  a.add(learning.cpu, backbone(learning.model.net), learning.model.student, learning.batch,
        {learning.d.data(), {32, 24}});
  const auto views = a.views();
  const std::vector<double> sensitivity{0, 1, 2};
  const Signals signals{.sensitivity = sensitivity, .auxiliary = views};
  Rng rng(1);
  const WidenGradMax mutation{.factor = 1.5f, .gamma = 1};
  const auto edit = mutation.propose(learning.model.net, signals, rng);
  REQUIRE(edit);
  CHECK(edit->stage == 1);  // of the last stage nothing is known
  REQUIRE(edit->channels == 9);
  const auto ours = learning.outcome(mutation, *edit, 1);
  double most = 0, least = 1e9;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto random = learning.outcome(Widen{.gamma = 1}, {1, 9}, seed);
    most = std::max(most, random.first);
    least = std::min(least, random.second);
  }
  CHECK(ours.first > 1.2 * most);
  CHECK(ours.second < least);
}

TEST_CASE("GradMax proposes where it has matrices, and no more filters than directions") {
  const Net net = Learning::make(1, 4).net;
  const auto numbers = noise(36 * 36, 1);
  std::vector<double> identity(36 * 36);
  for (Index i = 0; i < 36; ++i) identity[to_size(i * 37)] = 1;
  const std::vector<AuxiliaryView> views{{}, {{numbers.data(), {20, 36}}, {identity.data(), {36, 36}}}};
  const Signals signals{.auxiliary = views};
  const WidenGradMax mutation{.max_channels = 50};
  Rng rng(1);
  CHECK(!mutation.propose(net, {}, rng));
  CHECK(mutation.propose(net, signals, rng)->stage == 1);
  CHECK(mutation.candidates(net, {}).empty());
  CHECK(mutation.candidates(net, signals).size() == 46);
  CHECK(mutation.settle(net, {1, 44, {}}, signals, rng).filters.size() == 36 * 36);
  CHECK_THROWS_AS(mutation.settle(net, {0, 5, {}}, signals, rng), Error);
  const std::vector<AuxiliaryView> shifted{views[1]};
  CHECK_THROWS_AS(mutation.propose(net, {.auxiliary = shifted}, rng), Error);
}

}  // namespace widen_grad_max_test
