#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"

namespace law {

using sseg::Index;
using sseg::Rng;
using sseg::Shape;
using sseg::to_size;

/// What a loss is given: z:(views·images, cols).
struct LossRows {
  Index views, images, cols;
};

/// Memory that holds `start`, or no number, with canaries at both ends.
template <class T>
class Fence {
 public:
  explicit Fence(const std::vector<T>& start) : all_(2 * width, canary) {
    all_.insert(all_.begin() + width, start.begin(), start.end());
  }
  explicit Fence(Index n) : Fence(std::vector<T>(to_size(n), std::numeric_limits<T>::quiet_NaN())) {}
  std::span<T> span() { return {all_.data() + width, all_.size() - 2 * width}; }
  std::vector<T> values() const { return {all_.begin() + width, all_.end() - width}; }
  bool whole() const {
    const auto intact = [](T v) { return v == canary; };
    return std::all_of(all_.begin(), all_.begin() + width, intact) &&
           std::all_of(all_.end() - width, all_.end(), intact);
  }
  bool all_written() const {
    return std::none_of(all_.begin(), all_.end(), [](T v) { return std::isnan(v); });
  }

 private:
  static constexpr std::ptrdiff_t width = 16;
  static constexpr T canary = T(12345.5);
  std::vector<T> all_;
};

/// One loss on drawn rows, run with exactly the memory that it asks for.
template <class L, class T>
class LossBench {
 public:
  std::vector<T> z;

  LossBench(L loss, LossRows rows, Rng rng)
      : z(drawn(rows.views * rows.images * rows.cols, rng.split("z"))),
        loss_(loss),
        shape_{rows.views * rows.images, rows.cols},
        pair_{2 * rows.images, rows.cols},
        images_(rows.images),
        teacher_(drawn(pair_.count(), rng.split("teacher"))),
        memory_(drawn(sseg::memory_of(loss, shape_), rng.split("memory"))),
        dz_(shape_.count()),
        scratch_(loss.scratch(shape_)),
        remembered_(memory_) {
    for (Index r = 0; r < pair_[0]; ++r) positive_.push_back((r + images_) % pair_[0]);
  }

  struct Result {
    double value;
    std::vector<T> dz, memory;
    bool operator==(const Result&) const = default;
  };

  /// Checks that a value that is left in a sum is the same, and that dz, scratch and memory alone are written, none
  /// past its ends, and dz all over.
  template <class B>
  Result run(B& backend) {
    const auto z_before = z, teacher_before = teacher_;
    const auto positive_before = positive_;
    dz_ = Fence<T>(shape_.count());
    scratch_ = Fence<T>(loss_.scratch(shape_));
    const double value = again(backend);
    CHECK(std::isfinite(value));
    CHECK((dz_.whole() && scratch_.whole() && remembered_.whole()));
    CHECK(dz_.all_written());
    CHECK((z == z_before && teacher_ == teacher_before && positive_ == positive_before));
    const Result result{value, dz_.values(), remembered_.values()};
    double sum = 0;
    const double rest = again(backend, &sum);
    CHECK(Result{sum + rest, dz_.values(), remembered_.values()} == result);
    return result;
  }
  /// The same with what the last run left in dz and scratch, without a check and without an allocation of its own.
  template <class B>
  double again(B& backend, double* sum = nullptr) {
    std::copy(memory_.begin(), memory_.end(), remembered_.span().begin());
    sseg::LossArgs<T> a{};
    a.z = {z.data(), shape_};
    a.dz = {dz_.span().data(), shape_};
    a.positive = positive_;
    a.scratch = scratch_.span();
    if constexpr (sseg::needs_teacher<L>) a.teacher = {teacher_.data(), pair_};
    a.memory = remembered_.span();
    a.images = images_;
    a.at = {3, 10};
    a.sum = sum;
    return loss_(backend, a);
  }
  bool used_all_scratch() const { return scratch_.all_written(); }

 private:
  static std::vector<T> drawn(Index n, Rng rng) {
    std::vector<T> v(to_size(n));
    for (T& x : v) x = T(0.7) * static_cast<T>(rng.normal());
    return v;
  }

  L loss_;
  Shape shape_, pair_;
  Index images_;
  std::vector<T> teacher_, memory_;
  std::vector<Index> positive_;
  Fence<T> dz_, scratch_, remembered_;
};

/// dz is the gradient of the value: central differences at every element.
template <class L>
void check_gradient(const L& loss, LossRows rows) {
  sseg::Reference<double> backend;
  LossBench<L, double> bench(loss, rows, Rng(11));
  const auto dz = bench.run(backend).dz;
  double largest = 0, furthest = 0;
  for (std::size_t i = 0; i < dz.size(); ++i) {
    constexpr double step = 1e-5;
    const double before = bench.z[i];
    bench.z[i] = before + step;
    const double up = bench.again(backend);
    bench.z[i] = before - step;
    const double down = bench.again(backend);
    bench.z[i] = before;
    largest = std::max(largest, std::abs(dz[i]));
    furthest = std::max(furthest, std::abs(dz[i] - (up - down) / (2 * step)));
  }
  CHECK(largest > 1e-6);
  CHECK(furthest < 1e-5 * largest);
}

/// Largest difference, relative to the largest of `a`; 0 for nothing at all.
inline double off(const std::vector<double>& a, const std::vector<float>& b) {
  double largest = 0, furthest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a[i]));
    furthest = std::max(furthest, std::abs(a[i] - static_cast<double>(b[i])));
  }
  return furthest > 0 ? furthest / largest : 0;
}

/// Cpu gives the value, the gradient and the memory of the reference in double, up to its rounding: 30 roundings of
/// logits and norms as large as 30.
template <class L>
void check_agreement(const L& loss, LossRows rows) {
  sseg::Cpu cpu(2);
  sseg::Reference<double> reference;
  const auto want = LossBench<L, double>(loss, rows, Rng(12)).run(reference);
  const auto got = LossBench<L, float>(loss, rows, Rng(12)).run(cpu);
  CHECK(std::abs(got.value - want.value) < 1e-5 * (1 + std::abs(want.value)));
  CHECK(off(want.dz, got.dz) < 5e-5);
  CHECK(off(want.memory, got.memory) < 1e-6);
}

/// The same bits for any team, the second time too, and then without an allocation.
template <class L>
void check_repeats(const L& loss, LossRows rows) {
  sseg::Cpu alone(1), team(3);
  LossBench<L, float> bench(loss, rows, Rng(13));
  const auto first = bench.run(alone);
  CHECK(bench.run(team) == first);
  CHECK(bench.run(team) == first);
  const long before = malloc_count();
  const double value = bench.again(team);
  const long after = malloc_count();
  CHECK(value == first.value);
  CHECK(after == before);
}

/// The laws of concepts/loss_term.hpp. `small` is differentiated; `large` should be more than the team's single pieces.
template <class L>
void obeys_loss_law(const L& loss, LossRows small, LossRows large) {
  INFO(L::name << " on " << small.views << " views of " << small.images << " images, " << small.cols << " columns");
  static_assert(sseg::LossTerm<L, sseg::Reference<double>> && sseg::LossTerm<L, sseg::Cpu>);
  CHECK(L(loss) == loss);
  check_gradient(loss, small);
  check_agreement(loss, small);
  check_agreement(loss, large);
  check_repeats(loss, large);
}

/// It asks for no more scratch than it uses on these rows.
template <class L>
void uses_all_scratch(const L& loss, LossRows rows) {
  INFO(L::name);
  sseg::Reference<double> backend;
  LossBench<L, double> bench(loss, rows, Rng(14));
  bench.run(backend);
  CHECK(bench.used_all_scratch());
}

}  // namespace law
