#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/fewshot/cosine_classifier.hpp"
#include "sseg/fewshot/fine_tune_settings.hpp"
#include "sseg/fewshot/linear_probe.hpp"
#include "sseg/fewshot/matching_net.hpp"
#include "sseg/fewshot/nearest_neighbours.hpp"
#include "sseg/fewshot/transductive_prototypes.hpp"
#include "sseg/fewshot/within_class_whitening.hpp"
#include "sseg/meta/override.hpp"

namespace sseg {

/// What `evaluation.protocols` may name. `transductive` looks at all queries together; the others are inductive.
inline constexpr std::array<std::string_view, 7> protocol_names{
    "prototypes", "matching", "linear_probe", "cosine_classifier", "knn", "transductive", "fine_tune"};

/// How a net is evaluated: in episodes of `way` classes, `shots` examples and `query` queries each.
struct EvaluationConfig {
  Index episodes = 600;
  Index way = 5;
  Index query = 15;
  std::vector<Index> shots{1, 5};                    ///< one set of episodes for each
  std::vector<std::string> protocols{"prototypes"};  ///< of `protocol_names`
  std::string groups = "within";  ///< where images have groups (alphabets): all classes of an episode from one
                                  ///< (within), or from any (mixed)
  Index copies = 0;               ///< augmented copies of every picture, beside the picture itself
  std::string match = "mean";     ///< with copies: their features averaged (mean), or the two that fit best (best)
  WhiteningConfig whitening{};    ///< made when a run ends, and kept in its checkpoint: later changes do nothing
  MatchingNet matching{};
  LinearProbe linear_probe{};
  CosineClassifier cosine_classifier{};
  NearestNeighbours knn{};
  TransductivePrototypes transductive{};
  FineTuneSettings fine_tune{};
  bool operator==(const EvaluationConfig&) const = default;
};

/// Are pictures compared by the best of their copies?
inline bool best_match(const EvaluationConfig& e) { return e.match == "best"; }
/// Does the evaluation use this protocol?
inline bool uses_protocol(const EvaluationConfig& e, std::string_view name) {
  return std::find(e.protocols.begin(), e.protocols.end(), name) != e.protocols.end();
}
/// Are the classes of an episode taken from one group, where there are groups?
inline bool within_groups(const EvaluationConfig& e) { return e.groups == "within"; }

}  // namespace sseg

SSEG_FIELDS(sseg::EvaluationConfig, episodes, way, query, shots, protocols, groups, copies, match, whitening, matching,
            linear_probe, cosine_classifier, knn, transductive, fine_tune);

namespace sseg {

namespace detail {

template <class T>
bool repeats(std::vector<T> list) {
  std::sort(list.begin(), list.end());
  return std::adjacent_find(list.begin(), list.end()) != list.end();
}

inline void check_protocols(const EvaluationConfig& e) {
  const std::vector<std::string_view> names(protocol_names.begin(), protocol_names.end());
  for (const std::string& p : e.protocols)
    if (std::find(names.begin(), names.end(), p) == names.end())
      throw Error("no protocol '" + p + "'", "evaluation.protocols", suggest_name(names, p, "protocols"));
  require(!e.protocols.empty() && !repeats(e.protocols), "no protocol is named, or one twice", "evaluation.protocols",
          "name one or more, each once, for example [prototypes,linear_probe]");
  require(e.match == "mean" || e.protocols == std::vector<std::string>{"prototypes"},
          "only prototypes know pictures by the best of their copies", "evaluation.protocols",
          "give evaluation.match=mean, or evaluation.protocols=prototypes");
  e.matching.check();
  e.linear_probe.check();
  e.cosine_classifier.check();
  e.knn.check();
  e.transductive.check();
  e.fine_tune.check();
}

}  // namespace detail

/// Throws: Error naming the setting that makes no sense.
inline void check_evaluation(const EvaluationConfig& e) {
  require(e.episodes >= 2 && e.way >= 2 && e.query >= 1 && e.copies >= 0 && e.copies <= 1024,
          "the evaluation sizes make no sense", "evaluation",
          "give episodes ≥ 2, way ≥ 2, query ≥ 1, copies 0 to 1024");
  require(!e.shots.empty() && !detail::repeats(e.shots) && *std::min_element(e.shots.begin(), e.shots.end()) >= 1,
          "no shots are named, or one twice, or none of them is possible", "evaluation.shots",
          "give numbers of examples a class, each once, for example [1,5]");
  require(e.groups == "within" || e.groups == "mixed", "no such use of the groups", "evaluation.groups",
          "give within or mixed");
  require(e.match == "mean" || e.match == "best", "no such use of the copies", "evaluation.match", "give mean or best");
  require(e.match == "mean" || e.copies > 0, "a best match is one of copies, and there are none", "evaluation.copies",
          "give evaluation.copies of 1 or more, or evaluation.match=mean");
  detail::check_protocols(e);
  e.whitening.check();
}

}  // namespace sseg
