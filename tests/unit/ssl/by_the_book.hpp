#pragma once
#include <cmath>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/concepts/loss_term.hpp"
#include "sseg/core/rng.hpp"
#include "support/catch.hpp"

/// Losses as their papers state them, one number after the other in double, beside what the library returns.
namespace book {

using sseg::Index;
using sseg::Rng;
using sseg::Shape;
using sseg::to_size;

using Rows = std::vector<std::vector<double>>;

/// Multiples of 2⁻²⁰: the same in float and in double.
inline Rows drawn(Index rows, Index cols, std::uint64_t seed) {
  Rng rng(seed);
  Rows r(to_size(rows), std::vector<double>(to_size(cols)));
  for (auto& row : r)
    for (double& v : row) v = std::round(static_cast<double>(rng.normal()) * 0x1p20) * 0x1p-20;
  return r;
}

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// softmax((x − shift)/temperature)
inline std::vector<double> softmax(std::vector<double> x, double temperature, const std::vector<double>& shift = {}) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += x[i] = std::exp((x[i] - (shift.empty() ? 0 : shift[i])) / temperature);
  for (double& v : x) v /= sum;
  return x;
}

/// H(p, q) = −Σ p·ln q
inline double cross_entropy(const std::vector<double>& p, const std::vector<double>& q) {
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum -= p[i] * std::log(q[i]);
  return sum;
}

template <class T>
std::vector<T> flat(const Rows& rows) {
  std::vector<T> out;
  for (const auto& row : rows)
    for (const double v : row) out.push_back(static_cast<T>(v));
  return out;
}

struct Given {
  Rows z, teacher{};
  Index images = 0;
  std::vector<double> memory{};
  sseg::Progress at{};
};

struct Value {
  double loss;
  std::vector<double> memory, gradient{};
};

/// What the library makes of it on a backend.
template <class L, class B>
Value value(const L& loss, B& backend, const Given& g) {
  using T = typename B::Scalar;
  const Shape shape{static_cast<Index>(g.z.size()), static_cast<Index>(g.z[0].size())};
  const auto z = flat<T>(g.z), teacher = flat<T>(g.teacher);
  std::vector<T> dz(z.size()), scratch(to_size(loss.scratch(shape)) + 1, T{-7}),
      memory(g.memory.begin(), g.memory.end());
  std::vector<Index> positive;
  const Index n = g.images > 0 ? g.images : shape[0] / 2;
  for (Index r = 0; r < 2 * n; ++r) positive.push_back((r + n) % (2 * n));
  sseg::LossArgs<T> a{};
  a.z = {z.data(), shape};
  a.dz = {dz.data(), shape};
  a.positive = positive;
  a.scratch = {scratch.data(), scratch.size() - 1};
  if (!teacher.empty()) a.teacher = {teacher.data(), {static_cast<Index>(g.teacher.size()), shape[1]}};
  a.memory = memory;
  a.images = g.images;
  a.at = g.at;
  const double v = loss(backend, a);
  REQUIRE(scratch.back() == T{-7});
  return {v, {memory.begin(), memory.end()}, {dz.begin(), dz.end()}};
}

/// Reference and Cpu both give `expected`.
template <class L>
void check(const L& loss, const Given& g, double expected) {
  sseg::Reference<double> reference;
  sseg::Cpu cpu(2);
  CHECK(value(loss, reference, g).loss == Approx(expected).epsilon(1e-11).margin(1e-12));
  CHECK(value(loss, cpu, g).loss == Approx(expected).epsilon(1e-5).margin(1e-5));
}

}  // namespace book
