#pragma once
#include <string>

#include "sseg/core/error.hpp"
#include "sseg/experiment/evaluation_config.hpp"
#include "sseg/fewshot/best_match.hpp"
#include "sseg/fewshot/picture_features.hpp"
#include "sseg/fewshot/prototypes.hpp"

namespace sseg {

namespace detail {

/// Class prototypes by every metric for which there are features. With copies, CL2N takes the mean of each copy's, not
/// scaled again.
template <class F>
void each_prototypes(const PictureFeatures& pictures, const std::string& ending, F&& f) {
  const auto text = [&](const char* metric) { return "prototypes, " + std::string(metric) + ending; };
  f(Prototypes<CosineSimilarity>{}, pictures.plain, text("cosine"));
  f(Prototypes<SquaredEuclidean>{}, pictures.plain, text("euclidean"));
  f(Prototypes<SquaredEuclidean>{}, pictures.centred, text("cl2n"));
  f(Prototypes<CosineSimilarity>{}, pictures.whitened, text("whitened cosine"));
}

template <class F>
void each_best_match(const PictureFeatures& pictures, Index copies, F&& f) {
  const BestMatch best{copies + 1};
  const std::string ending = ", inductive, " + std::to_string(copies) + " augmented copies";
  f(best, pictures.plain, std::string(BestMatch::name) + ending);
  f(best, pictures.whitened, std::string(BestMatch::name) + ", whitened" + ending);
}

}  // namespace detail

/// Calls f(protocol, features, text) for the protocols that `e` names, by pictures' features: prototypes with the
/// metrics cosine, Euclidean, CL2N and cosine of whitened features, the last two where there are such features; or,
/// with `evaluation.match` best, BestMatch; every other protocol on plain features, and on whitened ones where there
/// are some. The text says everything that tells one protocol from another, "linear probe, logistic regression, L2
/// penalty 1, whitened, inductive". Fine-tuning needs the net and not its features: `NetProtocols`.
template <class F>
void each_protocol(const EvaluationConfig& e, const PictureFeatures& pictures, F&& f) {
  const std::string copies = std::to_string(e.copies) + " augmented copies";
  const auto where_known = [&](const auto& protocol, const Features& features, const std::string& text) {
    if (features.size() > 0) f(protocol, features, text);
  };
  const std::string averaged = e.copies > 0 ? ", features averaged over " + copies : "";
  const auto add = [&](const char* name, const auto& protocol) {
    if (!uses_protocol(e, name)) return;
    const std::string kind = inductive_of<std::remove_cvref_t<decltype(protocol)>> ? ", inductive" : ", transductive";
    where_known(protocol, pictures.plain, describe(protocol) + kind + averaged);
    where_known(protocol, pictures.whitened, describe(protocol) + ", whitened" + kind + averaged);
  };
  if (uses_protocol(e, "prototypes")) {
    if (best_match(e))
      detail::each_best_match(pictures, e.copies, where_known);
    else
      detail::each_prototypes(pictures, ", inductive" + averaged, where_known);
  }
  add("matching", e.matching);
  add("linear_probe", e.linear_probe);
  add("cosine_classifier", e.cosine_classifier);
  add("knn", e.knn);
  add("transductive", e.transductive);
}

}  // namespace sseg
