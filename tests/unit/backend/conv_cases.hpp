#pragma once
#include <string>
#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu/conv_choice.hpp"
#include "sseg/backend/cpu/conv_correlate.hpp"
#include "sseg/backend/cpu/conv_weights.hpp"
#include "sseg/backend/cpu/winograd_correlate.hpp"
#include "sseg/backend/cpu/winograd_weights.hpp"
#include "sseg/core/buffer.hpp"
#include "support/lanes.hpp"

/// Convolutions by the kernels of any number of lanes, direct and by Winograd's algorithm, against the reference.
namespace conv_cases {

using namespace sseg;
using namespace oracle;

inline std::string text(const ConvGeometry& g) {
  return "n=" + std::to_string(g.n) + " h=" + std::to_string(g.h) + " w=" + std::to_string(g.w) +
         " c=" + std::to_string(g.c) + " o=" + std::to_string(g.o) + " k=" + std::to_string(g.kernel) +
         " s=" + std::to_string(g.stride) + " p=" + std::to_string(g.pad);
}

/// Every kernel, stride and pad on small odd images, then channel counts and sizes that exercise blocks and bands.
inline std::vector<ConvGeometry> geometries() {
  std::vector<ConvGeometry> all;
  for (Index kernel : {1, 3, 5})
    for (Index stride : {1, 2})
      for (Index pad : {0, 1, 2}) {
        all.push_back({2, 7, 6, 3, 17, kernel, stride, pad});
        all.push_back({1, 5, 9, 17, 3, kernel, stride, pad});
        if (1 + 2 * pad >= kernel) all.push_back({3, 1, 1, 5, 4, kernel, stride, pad});
      }
  all.insert(all.end(), {{0, 5, 5, 3, 4, 3, 1, 1},
                         {2, 28, 28, 1, 33, 3, 1, 1},
                         {1, 85, 85, 3, 32, 3, 1, 1},
                         {1, 85, 7, 33, 1, 3, 1, 1},
                         {3, 10, 11, 64, 64, 3, 1, 1},
                         {2, 21, 21, 33, 65, 3, 2, 1},
                         {40, 2, 3, 16, 48, 3, 1, 1},
                         {300, 3, 2, 5, 18, 3, 1, 1},  // several images together, and some left
                         {90, 9, 7, 3, 21, 3, 2, 0},
                         {1, 30, 30, 64, 17, 5, 2, 2}});
  return all;
}

template <int Lanes>
struct Direct {
  static constexpr int lanes = Lanes;
  static constexpr double rounding = 1;  ///< how much worse than a plain sum it may round
  Threads threads{2};
  Buffer<float> space;

  float* reserve(Index floats) {
    space.reserve_at_least(floats);
    return space.data();
  }
  void forward(const ConvGeometry& g, const float* x, const float* w, const float* bias, float* y) {
    const auto s = cpu::Correlation::forward(g);
    const cpu::StoredOutput out(s, y);
    cpu::correlate<Lanes>(threads, s, x, {w, false}, bias, out, reserve(cpu::CorrelatePlan<Lanes>(s, out).total(2)));
  }
  void backward_data(const ConvGeometry& g, const float* dy, const float* w, float* dx) {
    const auto s = cpu::Correlation::backward_data(g);
    const cpu::StoredOutput out(s, dx);
    cpu::correlate<Lanes>(threads, s, dy, {w, true}, nullptr, out, reserve(cpu::CorrelatePlan<Lanes>(s, out).total(2)));
  }
  void backward_weights(const ConvGeometry& g, const float* x, const float* dy, float* dw) {
    const auto s = cpu::Correlation::forward(g);
    const cpu::GivenGradient given(s, dy);
    cpu::correlate_weights<Lanes>(threads, s, x, given, dw, reserve(cpu::WeightsPlan<Lanes>(s, given).total(2)));
  }
};

/// Winograd's algorithm with tiles of M×M outputs; the factors are what docs/decisions/0023 promises.
template <int M, int Lanes>
struct ByWinograd {
  static constexpr int lanes = Lanes;
  static constexpr double rounding = M == 2 ? 2 : 8;
  Threads threads{2};
  Buffer<float> space;

  float* reserve(Index floats) {
    space.reserve_at_least(floats);
    return space.data();
  }
  void forward(const ConvGeometry& g, const float* x, const float* w, const float* bias, float* y) {
    const auto s = cpu::Correlation::forward(g);
    const cpu::StoredOutput out(s, y);
    cpu::winograd_correlate<M, Lanes>(threads, s, x, {w, false}, bias, out,
                                      reserve(cpu::WinogradPlan<M, Lanes>(s).total(s, 0, 2)));
  }
  void backward_data(const ConvGeometry& g, const float* dy, const float* w, float* dx) {
    const auto s = cpu::Correlation::backward_data(g);
    const cpu::StoredOutput out(s, dx);
    cpu::winograd_correlate<M, Lanes>(threads, s, dy, {w, true}, nullptr, out,
                                      reserve(cpu::WinogradPlan<M, Lanes>(s).total(s, 0, 2)));
  }
  void backward_weights(const ConvGeometry& g, const float* x, const float* dy, float* dw) {
    const auto s = cpu::Correlation::forward(g);
    cpu::winograd_weights<M, Lanes>(threads, s, x, dy, dw, reserve(cpu::WinogradWeightsPlan<M, Lanes>(s).total(s, 2)));
  }
};

template <class Kernels>
void agrees_on(const ConvGeometry& g) {
  INFO(text(g) << " lanes=" << Kernels::lanes);
  Reference<double> reference;
  Kernels kernels;
  const auto x = random(g.in_count(), 1), w = random(g.weight_count(), 2), bias = random(g.o, 3);
  const auto dy = random(g.out_count(), 4), dw_start = random(g.weight_count(), 5);
  const auto xd = widen(x), wd = widen(w), bd = widen(bias), dyd = widen(dy);
  std::vector<double> expected(to_size(g.out_count()));

  Guarded y(g.out_count());
  kernels.forward(g, x.data(), w.data(), bias.data(), y.data());
  reference.run(Conv2dForward<double>{g, xd.data(), wd.data(), bd.data(), expected.data()});
  CHECK(distance(expected, y.values()) < Kernels::rounding * sum_tolerance(g.kernel * g.kernel * g.c));
  CHECK(y.whole());

  kernels.forward(g, x.data(), w.data(), nullptr, y.data());
  reference.run(Conv2dForward<double>{g, xd.data(), wd.data(), nullptr, expected.data()});
  CHECK(distance(expected, y.values()) < Kernels::rounding * sum_tolerance(g.kernel * g.kernel * g.c));

  Guarded dx(g.in_count());
  expected.resize(to_size(g.in_count()));
  kernels.backward_data(g, dy.data(), w.data(), dx.data());
  reference.run(Conv2dBackwardData<double>{g, dyd.data(), wd.data(), expected.data()});
  CHECK(distance(expected, dx.values()) < Kernels::rounding * sum_tolerance(g.kernel * g.kernel * g.o));
  CHECK(dx.whole());

  Guarded dw(dw_start);
  expected = widen(dw_start);
  kernels.backward_weights(g, x.data(), dy.data(), dw.data());
  reference.run(Conv2dBackwardWeights<double>{g, xd.data(), dyd.data(), expected.data(), nullptr});
  CHECK(distance(expected, dw.values()) < Kernels::rounding * sum_tolerance(g.n * g.out_h() * g.out_w()));
  CHECK(dw.whole());
}

template <int Lanes>
void agree() {
  NEEDS_LANES(Lanes);
  for (const auto& g : geometries()) agrees_on<Direct<Lanes>>(g);
}

/// Every pad on images smaller and larger than a tile, channels that fill vectors, blocks and register tiles or do not,
/// and enough tiles for several blocks and chunks.
template <int M, int Lanes>
void winograd_agrees() {
  NEEDS_LANES(Lanes);
  std::vector<ConvGeometry> all = geometries();
  all.insert(all.end(), {{2, 12, 12, 16, 16, 3, 1, 1},
                         {70, 6, 5, 7, 31, 3, 1, 1},
                         {3, 41, 38, 20, 70, 3, 1, 0},
                         {1, 9, 14, 100, 130, 3, 1, 2},
                         {5, 3, 7, 18, 16, 3, 1, 1},
                         {2, 6, 5, 17, 16, 3, 1, 4}});
  for (const auto& g : all)
    if (cpu::winograd_takes(cpu::Correlation::forward(g), Lanes)) agrees_on<ByWinograd<M, Lanes>>(g);
}

}  // namespace conv_cases
