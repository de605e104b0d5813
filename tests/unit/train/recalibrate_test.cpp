#include "sseg/train/recalibrate.hpp"

#include <cmath>
#include <limits>

#include "sseg/backend/reference.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/nase/small_net.hpp"

namespace recalibrate_test {

using namespace sseg;

namespace {

constexpr Index batches = 3;

std::vector<double> batch(Index k) { return small_net::draw<double>(small_net::input.count(), 50 + std::uint64_t(k)); }

/// What one batch alone makes of the statistics.
Buffer<double> statistics_of(const EvolvableCnn<>& cnn, ParamStore<double> store, Index k) {
  Reference<double> backend;
  const auto x = batch(k);
  recalibrate(backend, cnn, store, 1, [&](Index) { return View<const double>{x.data(), small_net::input}; });
  return store.state;
}

}  // namespace

TEST_CASE("Recalibrated statistics are the mean over the batches, and nothing of the old ones is left") {
  Reference<double> backend;
  const auto net = small_net::make();
  const auto& cnn = std::get<0>(net.layers);
  auto store = small_net::used_store<double>(net, 1), other = small_net::used_store<double>(net, 1);
  for (double& v : other.state) v = 1e6;
  const auto value = store.value;
  std::vector<double> x;
  const auto next = [&](Index k) {
    x = batch(k);
    return View<const double>{x.data(), small_net::input};
  };
  recalibrate(backend, cnn, store, batches, next);
  recalibrate(backend, cnn, other, batches, next);
  CHECK(store.value == value);

  const Buffer<double> first = statistics_of(cnn, store, 0), second = statistics_of(cnn, store, 1),
                       third = statistics_of(cnn, store, 2);
  CHECK_FALSE(first == second);
  for (Index i = 0; i < store.state.size(); ++i) {
    CHECK(store.state[i] == Approx((first[i] + second[i] + third[i]) / 3).epsilon(1e-6).margin(1e-7));
    CHECK(other.state[i] == Approx(store.state[i]).epsilon(1e-12));
  }
}

TEST_CASE("Statistics of one batch are its mean and unbiased variance") {
  Reference<double> backend;
  const auto net = small_net::make();
  auto store = small_net::used_store<double>(net, 2);
  const auto x = batch(7);
  const View<const double> in{x.data(), small_net::input};
  recalibrate(backend, std::get<0>(net.layers), store, 1, [&](Index) { return in; });

  // The first convolution's outputs, by the layer itself.
  const Conv2d conv = entry_conv(stages(std::get<0>(net.layers))[0]);
  const Shape out = conv.out_shape(small_net::input);
  std::vector<double> y(to_size(out.count())), scratch(to_size(conv.scratch(small_net::input)));
  conv.forward(backend, Forward<double>{in, {y.data(), out}, store.value.span(), {}, {}, {}, scratch, Mode::eval});
  const Index channels = out[3], rows = out.count() / channels;
  const auto& mean = store.at("net/0/0/#0/0/1/running_mean");
  const auto& var = store.at("net/0/0/#0/0/1/running_var");
  for (Index c = 0; c < channels; ++c) {
    double sum = 0, squares = 0;
    for (Index r = 0; r < rows; ++r) sum += y[to_size(r * channels + c)];
    const double m = sum / static_cast<double>(rows);
    for (Index r = 0; r < rows; ++r) squares += std::pow(y[to_size(r * channels + c)] - m, 2);
    CHECK(store.values(mean)[to_size(c)] == Approx(m).margin(1e-12));
    CHECK(store.values(var)[to_size(c)] == Approx(squares / static_cast<double>(rows - 1)));
  }
}

TEST_CASE("Statistics of no batch are refused") {
  Reference<double> backend;
  const auto net = small_net::make();
  auto store = small_net::used_store<double>(net, 1);
  CHECK_THAT(sseg_test::message_of([&] {
               recalibrate(backend, std::get<0>(net.layers), store, 0, [](Index) { return View<const double>{}; });
             }),
             sseg_test::Contains("give one batch or more"));
}

}  // namespace recalibrate_test
