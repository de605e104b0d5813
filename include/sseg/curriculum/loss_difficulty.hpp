#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/view.hpp"

namespace sseg {

/// How difficult each image is for a model, from its features f:(N, D) and the images' classes: the loss of telling its
/// class by the classes' mean directions, its own feature left out (class means as in Snell et al. 2017):
///   l_i = -log( exp(cos(f_i, c_y(i))/T) / Σ_k exp(cos(f_i, c_k)/T) ),   c_k: sum of the other unit features of class k
/// An image alone in its class has nothing to be told by; its loss is that of a guess, ln K. 0 is certain; ln K is what
/// a guess gives. Throws: Error when there are no two classes, or sizes do not fit.
inline std::vector<double> loss_difficulty(View<const float> f, std::span<const Index> label,
                                           double temperature = 0.1) {
  const Index n = f.shape[0], dim = f.shape.count() / std::max<Index>(n, 1);
  const Index classes = label.empty() ? 0 : *std::max_element(label.begin(), label.end()) + 1;
  require(n >= 2 && static_cast<Index>(label.size()) == n && classes >= 2 && temperature > 0 &&
              *std::min_element(label.begin(), label.end()) >= 0,
          "difficulty by loss needs a label for every feature, and two classes or more", "loss_difficulty",
          "give (N, D) features with N labels >= 0, and a temperature > 0");
  std::vector<double> unit(to_size(n * dim)), sum(to_size(classes * dim));
  std::vector<Index> members(to_size(classes));
  for (Index i = 0; i < n; ++i) {
    double square = 0;
    for (Index j = 0; j < dim; ++j)
      square += static_cast<double>(f.data[i * dim + j]) * static_cast<double>(f.data[i * dim + j]);
    const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
    for (Index j = 0; j < dim; ++j) {
      const double u = scale * static_cast<double>(f.data[i * dim + j]);
      unit[to_size(i * dim + j)] = u;
      sum[to_size(label[to_size(i)] * dim + j)] += u;
    }
    ++members[to_size(label[to_size(i)])];
  }
  const auto guess = static_cast<double>(std::count_if(members.begin(), members.end(), [](Index m) { return m > 0; }));
  std::vector<double> loss(to_size(n));
  for (Index i = 0; i < n; ++i) {
    const Index own = label[to_size(i)];
    if (members[to_size(own)] < 2) {
      loss[to_size(i)] = std::log(guess);
      continue;
    }
    double total = 0, mine = 0;
    for (Index k = 0; k < classes; ++k) {
      if (members[to_size(k)] == 0) continue;
      double inner = 0, square = 0;
      for (Index j = 0; j < dim; ++j) {
        const double u = unit[to_size(i * dim + j)], c = sum[to_size(k * dim + j)] - (k == own ? u : 0);
        inner += u * c, square += c * c;
      }
      const double cosine = square > 0 ? inner / std::sqrt(square) : 0;
      const double weight = std::exp((cosine - 1) / temperature);
      total += weight;
      if (k == own) mine = weight;
    }
    loss[to_size(i)] = std::log(total) - std::log(mine);
  }
  return loss;
}

}  // namespace sseg
