#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/fewshot/features.hpp"
#include "sseg/fewshot/principal_axes.hpp"

namespace sseg {

/// How `tsne` descends; the defaults are those of the paper but for the longer and stronger exaggeration that its
/// author's later programs use.
struct TsneConfig {
  double perplexity = 30;  ///< neighbours that count, about; at most a third of the other rows
  Index steps = 1000;
  Index exaggerated_steps = 250;  ///< with P times `exaggeration` and a momentum of 0.5, later 0.8
  double exaggeration = 12;
};

/// Rows of features in a plane, neighbours beside neighbours; distances between clusters mean little.
struct TsneMap {
  std::vector<double> place{};  ///< (rows, 2), centred
  double divergence = 0;        ///< Kullback-Leibler, of the map's neighbours from those of the features
  double perplexity = 0;        ///< that was taken

  double at(Index row, Index axis) const { return place[to_size(2 * row + axis)]; }
};

namespace detail {

/// p(j | i) ∝ exp(−β·d²(i, j)) for j ≠ i, with the β whose entropy is ln perplexity. `square`: d² to every row. Where
/// no β has it, because too many rows are as near, the nearest entropy is taken.
inline std::vector<double> near_rows(const std::vector<double>& square, Index i, double perplexity) {
  const auto n = static_cast<Index>(square.size());
  double least = std::numeric_limits<double>::infinity(), usual = 0;
  for (Index j = 0; j < n; ++j)
    if (j != i) least = std::min(least, square[to_size(j)]), usual += square[to_size(j)] / static_cast<double>(n - 1);
  std::vector<double> p(square.size());
  double beta = usual > 0 ? 1 / usual : 1, low = 0, high = std::numeric_limits<double>::infinity();
  for (int turn = 0; turn < 200; ++turn) {
    double sum = 0, mean = 0;
    for (Index j = 0; j < n; ++j) {
      const double d = square[to_size(j)] - least;
      p[to_size(j)] = j == i ? 0 : std::exp(-beta * d);
      sum += p[to_size(j)], mean += p[to_size(j)] * d;
    }
    for (double& one : p) one /= sum;
    const double over = beta * mean / sum + std::log(sum) - std::log(perplexity);
    if (std::abs(over) < 1e-10) break;
    (over > 0 ? low : high) = beta;
    beta = std::isinf(high) ? 2 * beta : (low + high) / 2;
  }
  return p;
}

/// P:(n, n), symmetric, of sum 1.
inline std::vector<double> tsne_neighbours(Threads& threads, const Features& f, double perplexity) {
  const Index n = f.size();
  std::vector<std::vector<double>> near(to_size(n));
  threads.run(n, [&](Index i) {
    std::vector<double> square(to_size(n), 0.);
    for (Index j = 0; j < n; ++j)
      for (Index d = 0; d < f.dim; ++d) {
        const double apart = static_cast<double>(f.rows[i * f.dim + d]) - static_cast<double>(f.rows[j * f.dim + d]);
        square[to_size(j)] += apart * apart;
      }
    near[to_size(i)] = near_rows(square, i, perplexity);
  });
  std::vector<double> p(to_size(n * n));
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      p[to_size(i * n + j)] =
          (near[to_size(i)][to_size(j)] + near[to_size(j)][to_size(i)]) / (2 * static_cast<double>(n));
  return p;
}

/// A map on its way down the divergence from P.
class TsneDescent {
 public:
  TsneDescent(Threads& threads, std::vector<double> p, std::vector<double> place)
      : threads_(threads),
        n_(static_cast<Index>(place.size() / 2)),
        p_(std::move(p)),
        y_(std::move(place)),
        velocity_(y_.size(), 0.),
        gain_(y_.size(), 1.),
        rows_(to_size(n_)) {}

  /// One step against the gradient 4·Σ_j (e·p_ij − q_ij)·(y_i − y_j) / (1 + |y_i − y_j|²), with a gain for each place.
  void step(double exaggeration, double momentum, double rate) {
    look(exaggeration);
    double all = 0;
    for (const Row& r : rows_) all += r.sum;
    for (std::size_t k = 0; k < y_.size(); ++k) {
      const Row& r = rows_[k / 2];
      const double gradient = 4 * (r.pull[k % 2] - r.push[k % 2] / all);
      if (velocity_[k] != 0)
        gain_[k] = std::max(0.01, (gradient > 0) != (velocity_[k] > 0) ? gain_[k] + 0.2 : gain_[k] * 0.8);
      velocity_[k] = momentum * velocity_[k] - rate * gain_[k] * gradient;
      y_[k] += velocity_[k];
    }
    centre();
  }
  /// Σ p·ln(p / q).
  double divergence() {
    look(1);
    double all = 0, sum = 0;
    for (const Row& r : rows_) all += r.sum;
    for (Index i = 0; i < n_; ++i)
      for (Index j = 0; j < n_; ++j)
        if (const double p = p_[to_size(i * n_ + j)]; i != j && p > 0) sum += p * std::log(p * all / closeness(i, j));
    return sum;
  }
  const std::vector<double>& place() const { return y_; }

 private:
  struct Row {
    double sum = 0;
    std::array<double, 2> pull{}, push{};
  };
  double closeness(Index i, Index j) const {
    const double x = y_[to_size(2 * i)] - y_[to_size(2 * j)], y = y_[to_size(2 * i + 1)] - y_[to_size(2 * j + 1)];
    return 1 / (1 + x * x + y * y);
  }
  /// What all others do to every row: each row's sums by one thread, in the order of the rows.
  void look(double exaggeration) {
    threads_.run(n_, [&](Index i) {
      Row r;
      for (Index j = 0; j < n_; ++j) {
        if (j == i) continue;
        const double close = closeness(i, j), pull = exaggeration * p_[to_size(i * n_ + j)] * close;
        r.sum += close;
        for (Index a = 0; a < 2; ++a) {
          const double apart = y_[to_size(2 * i + a)] - y_[to_size(2 * j + a)];
          r.pull[to_size(a)] += pull * apart;
          r.push[to_size(a)] += close * close * apart;
        }
      }
      rows_[to_size(i)] = r;
    });
  }
  void centre() {
    for (std::size_t a = 0; a < 2; ++a) {
      double mean = 0;
      for (std::size_t k = a; k < y_.size(); k += 2) mean += y_[k] / static_cast<double>(n_);
      for (std::size_t k = a; k < y_.size(); k += 2) y_[k] -= mean;
    }
  }

  Threads& threads_;
  Index n_;
  std::vector<double> p_, y_, velocity_, gain_;
  std::vector<Row> rows_;
};

/// The first two principal axes at a scale of 1e-4, and a hundredth of that by chance, so that rows that are alike can
/// part.
inline std::vector<double> tsne_start(const Features& f) {
  const PrincipalAxes axes = principal_axes(f, 2);
  const double scale = axes.variance[0] > 0 ? 1e-4 / std::sqrt(axes.variance[0]) : 0;
  Rng rng(0x75e);
  std::vector<double> place(axes.place.size());
  for (std::size_t k = 0; k < place.size(); ++k)
    place[k] = scale * axes.place[k] + 1e-6 * (static_cast<double>(rng.uniform()) - 0.5);
  return place;
}

}  // namespace detail

/// The rows of `features` in a plane by t-SNE, exactly (van der Maaten & Hinton 2008), in double, from the principal
/// axes on (Kobak & Berens 2019), with a rate of rows / exaggeration (Belkina et al. 2019): time in the square of the
/// rows. The same bits for any number of threads. Throws: Error for fewer than four rows or more than 4096, a
/// perplexity that is not positive, or a feature that is not finite.
inline TsneMap tsne(Threads& threads, const Features& features, const TsneConfig& config = {}) {
  const Index n = features.size();
  require(n >= 4 && n <= 4096, "there are too few rows or too many for an exact map", "tsne", "give 4 to 4096");
  require(config.perplexity > 0 && config.exaggeration > 0, "the numbers of the map make no sense", "tsne",
          "give a positive perplexity and exaggeration");
  for (const float v : features.rows)
    require(std::isfinite(v), "a feature is not finite", "tsne", "train with a lower learning rate");
  TsneMap map;
  map.perplexity = std::min(config.perplexity, static_cast<double>(n - 1) / 3);
  detail::TsneDescent descent(threads, detail::tsne_neighbours(threads, features, map.perplexity),
                              detail::tsne_start(features));
  const double rate = std::max(static_cast<double>(n) / config.exaggeration, 10.);
  for (Index s = 0; s < config.steps; ++s) {
    const bool early = s < config.exaggerated_steps;
    descent.step(early ? config.exaggeration : 1, early ? 0.5 : 0.8, rate);
  }
  map.divergence = descent.divergence();
  map.place = descent.place();
  return map;
}

}  // namespace sseg
