#pragma once
#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "sseg/experiment/data_sets.hpp"
#include "sseg/experiment/few_shot_report.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/fewshot/evaluate.hpp"
#include "sseg/fewshot/modified_hausdorff.hpp"
#include "sseg/fewshot/prototypes.hpp"

namespace sseg {

/// A query belongs to the class of the support drawing of least Modified Hausdorff distance. Features are the pixels of
/// drawings (side, side, 1), ink 1.
struct HausdorffProtocol {
  static constexpr std::string_view name = "modified Hausdorff";
  Index side = 0;
  bool operator==(const HausdorffProtocol&) const = default;

  /// scores:(Q, way), minus the distance. Throws: Error for a drawing without ink.
  void classify(const FewShotTask& task, View<float> scores) const {
    const Index pixels = side * side;
    const auto drawing = [&](View<const float> rows, Index i) {
      return View<const float>{rows.data + i * pixels, {side, side, 1}};
    };
    for (Index q = 0; q < task.query.shape[0]; ++q) {
      float* row = scores.data + q * task.way;
      std::fill_n(row, task.way, std::numeric_limits<float>::lowest());
      for (Index s = 0; s < task.support.shape[0]; ++s) {
        float& best = row[task.label[to_size(s)]];
        best =
            std::max(best, -static_cast<float>(modified_hausdorff(drawing(task.query, q), drawing(task.support, s))));
      }
    }
  }
};

/// Few-shot accuracies without any net, on the pictures as it would read them, in the very episodes of
/// `evaluate_state`: prototypes of raw pixels (cosine and Euclidean), or `hausdorff`: the Modified Hausdorff distance
/// of drawings. Throws: Error when that is asked of other pictures than drawings.
inline std::vector<FewShotAccuracies> pixel_accuracies(Threads& threads, const LabelledImages& on, const RunConfig& c,
                                                       bool hausdorff) {
  require(!hausdorff || on.images.shape[2] == 1, "the Modified Hausdorff distance is one of drawings",
          "modified_hausdorff", "leave that baseline out");
  const Images small = framed(on.images, main_frame(c));
  Features pixels;
  pixels.dim = small.shape.count();
  pixels.rows.resize(small.size() * pixels.dim);
  std::copy(small.pixels.begin(), small.pixels.end(), pixels.rows.begin());

  EvaluationConfig e = c.evaluation;
  e.copies = 0;
  e.match = "mean";
  const auto each = [&](const auto& f) {
    if (hausdorff)
      return f(HausdorffProtocol{small.shape[0]}, pixels, "nearest by modified Hausdorff distance, inductive");
    f(Prototypes<CosineSimilarity>{}, pixels, "prototypes, cosine, inductive");
    f(Prototypes<SquaredEuclidean>{}, pixels, "prototypes, euclidean, inductive");
  };
  const std::string net = hausdorff ? "modified Hausdorff" : "raw pixels";
  return accuracies_of_each(threads, each, on.images, row_about(e, c.seed, net, on.images.name, on.split), e.shots,
                            within_groups(e));
}

}  // namespace sseg
