#include <cmath>
#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/evolve/auxiliary_gradients.hpp"
#include "sseg/evolve/growing.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/net/trace.hpp"
#include "support/catch.hpp"
#include "unit/evolve/gradient_growth.hpp"

namespace auxiliary_gradient_test {

using namespace gradient_growth;

namespace {

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

}  // namespace auxiliary_gradient_test
