#pragma once
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/fewshot/features.hpp"
#include "sseg/fewshot/picture_features.hpp"

namespace sseg {

/// Classes that a net has not been trained on, by a few labelled pictures of each: what an exported model scores
/// pictures against. The score of a class is the cosine of its mean and the picture's feature, both centred and
/// whitened where the checkpoint has the statistics for it.
struct ClassMeans {
  std::vector<std::string> names{};
  Features rows{};  ///< one unit row a class
};

/// Each class's mean of unit features, of unit length again (as `Prototypes<CosineSimilarity>` makes it). `label[i]` is
/// the class of row i. Throws: Error when a class has no picture.
inline ClassMeans class_means(std::vector<std::string> names, const std::vector<Index>& label, Features features) {
  ClassMeans means{std::move(names), {features.dim, {}}};
  const auto classes = static_cast<Index>(means.names.size());
  means.rows.rows.resize(classes * features.dim);
  std::vector<Index> count(to_size(classes), 0);
  detail::unit_rows(features);
  for (Index i = 0; i < features.size(); ++i) {
    const Index k = label[to_size(i)];
    ++count[to_size(k)];
    for (Index d = 0; d < features.dim; ++d)
      means.rows.rows[k * features.dim + d] += features.rows[i * features.dim + d];
  }
  for (Index k = 0; k < classes; ++k)
    if (count[to_size(k)] == 0)
      throw Error("the class '" + means.names[to_size(k)] + "' has no picture", "class_means",
                  "give at least one picture of every class");
  detail::unit_rows(means.rows);
  return means;
}

}  // namespace sseg
