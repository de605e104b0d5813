#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/fewshot/features.hpp"
#include "sseg/fewshot/nearest_neighbours.hpp"

namespace sseg {

/// How well a labelled set is told apart by its features alone, for monitoring a run: every image is classified by its
/// k nearest among all others (leave one out), and the share of right ones returned, 0 … 1. Images with a negative
/// label are left out. Takes time in the square of the images. The same value for any number of threads. Throws: Error
/// when images and labels differ in number, fewer than two images have a label, or a feature is not finite.
inline double knn_accuracy(Threads& threads, const Features& features, const std::vector<Index>& label,
                           const NearestNeighbours& by = {.k = 20}) {
  by.check();
  require(static_cast<Index>(label.size()) == features.size(), "images and labels differ in number", "knn_accuracy",
          "give every image its label, a negative one to leave it out");
  std::vector<Index> known, label_of;
  for (std::size_t i = 0; i < label.size(); ++i)
    if (label[i] >= 0) {
      known.push_back(static_cast<Index>(i));
      label_of.push_back(label[i]);
    }
  const auto n = static_cast<Index>(known.size());
  require(n >= 2, "there are not two labelled images", "knn_accuracy", "give more");
  const std::size_t classes = to_size(*std::max_element(label_of.begin(), label_of.end()) + 1);
  const std::vector<float> unit = unit_rows(features.view());
  const auto row = [&](Index i) { return unit.data() + known[to_size(i)] * features.dim; };
  for (Index i = 0; i < n; ++i)
    require(std::isfinite(detail::dot(row(i), row(i), features.dim)), "a feature is not finite", "knn_accuracy",
            "train with a lower learning rate");

  struct Workspace {
    std::vector<float> cosine, votes;
    std::vector<Index> order;
  };
  std::vector<Workspace> space(to_size(threads.count()),
                               {std::vector<float>(to_size(n)), std::vector<float>(classes), {}});
  std::vector<char> right(to_size(n));
  threads.run(n, [&](Index i, int worker) {
    Workspace& w = space[to_size(worker)];
    for (Index j = 0; j < n; ++j) w.cosine[to_size(j)] = detail::dot(row(i), row(j), features.dim);
    w.cosine[to_size(i)] = -std::numeric_limits<float>::infinity();  // comes last, with weight 0
    by.vote(w.cosine, label_of, w.order, w.votes);
    const auto best = std::max_element(w.votes.begin(), w.votes.end()) - w.votes.begin();
    right[to_size(i)] = best == label_of[to_size(i)];
  });
  return static_cast<double>(std::count(right.begin(), right.end(), 1)) / static_cast<double>(n);
}

}  // namespace sseg
