#include <cmath>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/curriculum/synthetic_shapes.hpp"
#include "sseg/evolve/auxiliary_gradients.hpp"
#include "sseg/evolve/growing.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/net/trace.hpp"
#include "sseg/optim/adamw.hpp"
#include "support/catch.hpp"

using namespace sseg;

namespace {

std::vector<double> noise(Index count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> x(to_size(count));
  for (double& v : x) v = static_cast<double>(rng.normal());
  return x;
}

/// The map that one filter makes of x, its windows averaged. No norm, no ReLU.
std::vector<double> averaged_map(const Conv2d& c, Index pool, const std::vector<double>& x, Shape in,
                                 const double* filter) {
  const Index h = in[1] / pool, w = in[2] / pool;
  std::vector<double> map(to_size(in[0] * h * w));
  for (Index n = 0; n < in[0]; ++n)
    for (Index i = 0; i < h * pool; ++i)
      for (Index j = 0; j < w * pool; ++j)
        for (Index u = 0; u < 3; ++u)
          for (Index v = 0; v < 3; ++v)
            for (Index k = 0; k < c.in; ++k) {
              const Index y = i + u - 1, z = j + v - 1;
              if (y < 0 || z < 0 || y >= in[1] || z >= in[2]) continue;
              map[to_size((n * h + i / pool) * w + j / pool)] += filter[(u * 3 + v) * c.in + k] *
                                                                 x[to_size(((n * in[1] + y) * in[2] + z) * c.in + k)] /
                                                                 static_cast<double>(pool * pool);
            }
  return map;
}

double row_times(View<const double> a, Index row, const std::vector<double>& w) {
  double sum = 0;
  for (Index p = 0; p < a.shape[1]; ++p) sum += a.data[row * a.shape[1] + p] * w[to_size(p)];
  return sum;
}

double norm_of_product(View<const double> a, const double* w) {
  double squares = 0;
  for (Index r = 0; r < a.shape[0]; ++r) {
    double sum = 0;
    for (Index p = 0; p < a.shape[1]; ++p) sum += a.data[r * a.shape[1] + p] * w[p];
    squares += sum * sum;
  }
  return std::sqrt(squares);
}

}  // namespace

TEST_CASE("The auxiliary gradient times a filter is the gradient in the weights out of its channel") {
  Reference<double> backend;
  for (const Index pool : {Index{1}, Index{2}, Index{3}}) {
    const Conv2d entry{.in = 2, .out = 4}, reader{.in = 4, .out = 3};
    const Shape in{2, 7, 9, 2};
    const Index h = 7 / pool, w = 9 / pool;
    AuxiliaryGradient<double> a;
    std::vector<double> wanted(9 * 3);
    const auto filter = noise(18, 5);
    for (std::uint64_t batch = 0; batch < 2; ++batch) {  // batches add up
      const auto x = noise(in.count(), 1 + batch), dz = noise(2 * h * w * 3, 8 + batch);
      a.read(entry, pool, {x.data(), in});
      a.add(backend, reader, {dz.data(), {2, h, w, 3}});
      const auto map = averaged_map(entry, pool, x, in, filter.data());
      for (Index n = 0; n < 2; ++n)
        for (Index i = 0; i < h; ++i)
          for (Index j = 0; j < w; ++j)
            for (Index t = 0; t < 9; ++t) {
              const Index y = i + t / 3 - 1, z = j + t % 3 - 1;
              if (y < 0 || z < 0 || y >= h || z >= w) continue;
              for (Index o = 0; o < 3; ++o)
                wanted[to_size(t * 3 + o)] +=
                    dz[to_size(((n * h + i) * w + j) * 3 + o)] * map[to_size((n * h + y) * w + z)];
            }
    }
    REQUIRE(a.matrix().shape == Shape{27, 18});
    for (Index r = 0; r < 27; ++r) CHECK(row_times(a.matrix(), r, filter) == Approx(wanted[to_size(r)]).margin(1e-9));
  }
}

TEST_CASE("A head that reads positions, or their mean, adds rows of its own") {
  Reference<double> backend;
  const Conv2d entry{.in = 1, .out = 5};
  const Shape in{3, 4, 6, 1};
  const auto x = noise(in.count(), 1), dz = noise(3 * 4, 2), inner = noise(3 * 6 * 2, 4), filter = noise(9, 3);
  const auto map = averaged_map(entry, 2, x, in, filter.data());
  for (const Index groups : {Index{6}, Index{1}}) {
    AuxiliaryGradient<double> a;
    a.read(entry, 2, {x.data(), in});
    a.add(backend, Conv2d{.in = 5, .out = 2}, {inner.data(), {3, 2, 3, 2}});
    a.add(Linear{.in = 5 * groups, .out = 4}, 5, {dz.data(), {3, 4}});
    REQUIRE(a.matrix().shape == Shape{18 + groups * 4, 9});
    for (Index q = 0; q < groups; ++q)
      for (Index o = 0; o < 4; ++o) {
        double wanted = 0;
        for (Index n = 0; n < 3; ++n)
          for (Index p = 0; p < 6; ++p)
            if (groups == 1 || p == q)
              wanted += dz[to_size(n * 4 + o)] * map[to_size(n * 6 + p)] / (groups == 1 ? 6 : 1);
        CHECK(row_times(a.matrix(), 18 + q * 4 + o, filter) == Approx(wanted).margin(1e-9));
      }
    CHECK_THROWS_AS(a.add(Linear{.in = 10, .out = 4}, 5, {dz.data(), {3, 4}}), Error);
    CHECK_THROWS_AS(a.add(backend, Conv2d{.in = 5, .out = 2}, {inner.data(), {3, 3, 2, 2}}), Error);
  }
}

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

namespace {

using Net = Learner<>;
const Shape image{10, 10, 1};

/// Two stages with a residual block each, and a loss ½‖features − target‖² on the backbone.
struct Bed {
  Index features;
  Growing<Net, double> model;
  std::vector<double> x = noise(12 * 100, 1), target = noise(12 * features, 2);
  View<const double> batch{x.data(), {12, 10, 10, 1}};
  Reference<double> backend;

  explicit Bed(Index first_pool) : features(first_pool == 1 ? 125 : 20), model(make(first_pool)) {
    for (double& v : x) v = std::abs(v);
  }
  static Growing<Net, double> make(Index first_pool) {
    EvolvableCnn<> cnn;
    stages(cnn).push_back(make_stage(1, 5, first_pool));
    stages(cnn).push_back(make_stage(5, 5, 2));
    for (const Index s : {Index{0}, Index{1}}) residuals(stages(cnn)[s]).push_back(make_identity_block(5));
    Net net = make_learner(cnn, image, 6, 3);
    auto student = make_store<double>(net, 0, Rng(3));
    for (const char* key : {"net/0/0/#0/1/#0/0/1/gamma", "net/0/0/#1/1/#0/0/1/gamma"})
      for (double& g : student.values(student.at(key))) g = 0.7;  // as if it were trained
    return {net, student, student};
  }
  /// Gradients of all backbone weights; returns that of the features.
  std::vector<double> backward(Growing<Net, double>& m) {
    Trace<double> trace;
    m.student.zero_grad();
    const auto f = trace.forward(backend, backbone(m.net), m.student, batch, Mode::train, false);
    std::vector<double> d(to_size(f.shape.count()));
    for (std::size_t i = 0; i < d.size(); ++i) d[i] = f.data[i] - target[i];
    trace.backward(backend, backbone(m.net), m.student, batch, {d.data(), f.shape});
    return d;
  }
  AuxiliaryGradients<double> auxiliary() {
    const auto d = backward(model);
    AuxiliaryGradients<double> a;
    a.add(backend, backbone(model.net), model.student, batch, {d.data(), {12, features}});
    return a;
  }
  /// f(gradient of a weight that reads new channels of stage 0 into an old one: tap, channel, output; reader).
  template <class F>
  static void each_new_gradient(const Growing<Net, double>& m, F&& f) {
    Index reader = 0;
    for (const char* key : {"net/0/0/#1/0/0/weight", "net/0/0/#0/1/#0/0/0/weight"}) {
      const auto& e = m.student.at(key);
      const Index out = e.desc.shape[3], in = e.desc.shape[2];
      for (Index i = 0; i < e.count(); ++i)
        if (i / out % in >= 5 && i % out < 5) f(reader, i / out / in, i % out, m.student.grad[e.offset + i]);
      ++reader;
    }
  }
};

}  // namespace

TEST_CASE("The matrices of a backbone foretell the gradients that training sees") {
  Bed bed(1);
  auto a = bed.auxiliary();
  const auto views = a.views();
  REQUIRE(views.size() == 2);
  const View<const double> all[] = {views[0].gradient, views[1].gradient};
  REQUIRE(all[0].shape == Shape{2 * 9 * 5, 9});  // the next stage's entry and the block's branch
  CHECK(all[1].shape == Shape{9 * 5, 45});       // a head reads it too, but is outside

  // A new channel that is the picture itself: centre tap, a norm that undoes itself, a ReLU of what is positive.
  auto wide = bed.model;
  mutate(wide, Widen{}, {0, 6}, Rng(1));
  double mean = 0, var = 0;
  for (const double v : bed.x) mean += v / static_cast<double>(bed.x.size());
  for (const double v : bed.x) var += (v - mean) * (v - mean) / static_cast<double>(bed.x.size());
  auto& store = wide.student;
  for (Index p = 0; p < 9; ++p) store.values(store.at("net/0/0/#0/0/0/weight"))[to_size(p * 6 + 5)] = p == 4;
  store.values(store.at("net/0/0/#0/0/1/gamma"))[5] = std::sqrt(var + static_cast<double>(1e-5f));
  store.values(store.at("net/0/0/#0/0/1/beta"))[5] = mean;
  bed.backward(wide);
  Index seen = 0;
  Bed::each_new_gradient(wide, [&](Index reader, Index tap, Index out, double g) {
    const Index row = (reader * 9 + tap) * 5 + out;
    CHECK(all[0].data[row * 9 + 4] == Approx(g).margin(1e-7));
    ++seen;
  });
  CHECK(seen == 90);

  const auto before = bed.model.student;
  bed.auxiliary();
  CHECK(bed.model.student.value == before.value);
  CHECK(bed.model.student.state == before.state);
  CHECK(bed.model.student.grad == before.grad);
  const std::vector<double> wrong(12 * 21);
  CHECK_THROWS_AS(a.add(bed.backend, backbone(bed.model.net), bed.model.student, bed.batch, {wrong.data(), {12, 21}}),
                  Error);
}

TEST_CASE("The covariance of the patches is that of every filter's output, border and all") {
  const Conv2d entry{.in = 2, .out = 4};
  const Shape in{2, 5, 7, 2};
  AuxiliaryGradient<double> a;
  const auto filter = noise(18, 4);
  std::vector<double> outputs;
  for (std::uint64_t batch = 0; batch < 2; ++batch) {
    const auto x = noise(in.count(), batch);
    a.read(entry, 2, {x.data(), in});
    for (const double v : averaged_map(entry, 1, x, in, filter.data())) outputs.push_back(v);
  }
  double mean = 0, var = 0;
  for (const double v : outputs) mean += v / static_cast<double>(outputs.size());
  for (const double v : outputs) var += (v - mean) * (v - mean) / static_cast<double>(outputs.size());
  const View<const double> c = a.view().covariance;
  REQUIRE(c.shape == Shape{18, 18});
  double square = 0;
  for (Index p = 0; p < 18; ++p) square += filter[to_size(p)] * row_times(c, p, filter);
  CHECK(square == Approx(var));
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
