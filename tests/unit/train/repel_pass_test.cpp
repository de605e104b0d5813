#include "sseg/train/repel_pass.hpp"

#include <algorithm>
#include <cmath>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/nase/small_net.hpp"

namespace repel_pass_test {

using namespace sseg;

namespace {

/// What a pass reads of a ViewSet's views, in any scalar.
template <class T>
struct SomeViews {
  View<const T> global;
  Index images;
};

/// Three views of two pictures each; the third is not looked at.
template <class T>
struct Bench {
  small_net::Net<> net = small_net::make(3, 5);
  ParamStore<T> path = small_net::used_store<T>(net, 1), teacher = small_net::used_store<T>(net, 8);
  std::vector<T> pixels = small_net::draw<T>(small_net::input.count(), 6);
  SomeViews<T> views{{pixels.data(), small_net::input}, 2};
  Repel loss{.margin = 0.2f, .temperature = 0.4f};
  RepelPass<T> pass{};

  template <class B>
  double run(B& backend) {
    return pass.run(backend, std::get<0>(net.layers), path, teacher, views, loss);
  }
};

}  // namespace

TEST_CASE("A path's repelling loss is that of the features of the first two views") {
  Reference<double> backend;
  Bench<double> b;
  const auto& cnn = std::get<0>(b.net.layers);
  const Shape pair{4, 9, 10, 2};
  Trace<double> trace, other;
  auto path = b.path, teacher = b.teacher;
  const auto z = trace.forward(backend, cnn, path, {b.pixels.data(), pair}, Mode::train);
  const auto t = other.forward(backend, cnn, teacher, {b.pixels.data(), pair}, Mode::train);
  double sum = 0;
  for (Index r = 0; r < 4; ++r) {
    double zt = 0, zz = 0, tt = 0;
    for (Index c = 0; c < z.shape[1]; ++c) {
      const double a = z.data[r * z.shape[1] + c], o = t.data[r * z.shape[1] + c];
      zt += a * o, zz += a * a, tt += o * o;
    }
    sum += std::log1p(std::exp((zt / std::sqrt(zz * tt) - static_cast<double>(b.loss.margin)) /
                               static_cast<double>(b.loss.temperature)));
  }
  const auto teacher_state = b.teacher.state, teacher_value = b.teacher.value;
  CHECK(b.run(backend) == Approx(sum / 4).epsilon(1e-12));
  CHECK(b.path.state == path.state);  // the statistics of the pair, once
  CHECK(b.teacher.state == teacher_state);
  CHECK(b.teacher.value == teacher_value);
  CHECK(std::ranges::all_of(b.teacher.grad, [](double g) { return g == 0; }));
}

TEST_CASE("The gradient of a repelled path is that of its loss, by finite differences") {
  Reference<double> backend;
  Bench<double> b;
  std::ranges::fill(b.path.grad, 3.0);  // whatever was there is gone
  b.run(backend);
  const auto grad = b.path.grad;
  double largest = 0, furthest = 0;
  for (const auto& e : b.path.entries) {
    if (!e.is_param()) continue;
    for (Index k = 0; k < std::min<Index>(e.count(), 7); ++k) {
      const Index i = e.offset + (k * 13) % e.count();
      constexpr double step = 1e-6;
      const double before = b.path.value[i];
      b.path.value[i] = before + step;
      const double up = b.run(backend);
      b.path.value[i] = before - step;
      const double down = b.run(backend);
      b.path.value[i] = before;
      largest = std::max(largest, std::abs(grad[i]));
      furthest = std::max(furthest, std::abs(grad[i] - (up - down) / (2 * step)));
      if (e.desc.key.starts_with("net/1/")) CHECK(grad[i] == 0);  // heads take no part
    }
  }
  CHECK(largest > 1e-3);
  CHECK(furthest < 1e-5 * largest);
}

TEST_CASE("The Cpu repels as the reference does, on any team, and allocates nothing after the first pass") {
  Reference<double> exact;
  Cpu one(1), three(3);
  Bench<double> want;
  Bench<float> got, again;
  const double value = want.run(exact);
  CHECK(got.run(one) == Approx(value).epsilon(1e-4));
  double largest = 0, furthest = 0;
  for (Index i = 0; i < want.path.grad.size(); ++i) {
    largest = std::max(largest, std::abs(want.path.grad[i]));
    furthest = std::max(furthest, std::abs(want.path.grad[i] - static_cast<double>(got.path.grad[i])));
  }
  CHECK(furthest < 1e-3 * largest);
  again.run(three);
  CHECK(again.path.grad == got.path.grad);
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  run_until_quiet([&] { again.run(three); });
  const long before = malloc_count();
  again.run(three);
  CHECK(malloc_count() - before == 0);
}

TEST_CASE("A repelled path needs two views of every image") {
  Reference<double> backend;
  Bench<double> b;
  b.views.images = 4;
  CHECK_THAT(sseg_test::message_of([&] { b.run(backend); }), sseg_test::Contains("two global views"));
}

}  // namespace repel_pass_test
