#pragma once
#include <type_traits>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/data/images.hpp"
#include "sseg/experiment/config.hpp"
#include "sseg/experiment/each_protocol.hpp"
#include "sseg/experiment/few_shot_report.hpp"
#include "sseg/experiment/picture_features.hpp"
#include "sseg/fewshot/fine_tune.hpp"

namespace sseg {

/// Where episodes are fine-tuned, each by a thread of its own on a few pictures: on `B`, or on the host where B's
/// arrays lie elsewhere. What nets make of all pictures is computed on B.
template <class B>
using EpisodeBackend = std::conditional_t<HasMemory<B>, Cpu, B>;

/// Every protocol that a run's evaluation names, ready for episodes of one net and one set of pictures: what they need
/// of the pictures is computed once, here.
template <class B>
class NetProtocols {
 public:
  /// `base`: what is known of the training images by this net. Throws: Error when net, images or `base` do not fit.
  template <class Net>
  NetProtocols(B& backend, const Net& net, const ParamStore<float>& store, const Images& images, const RunConfig& c,
               const BaseStatistics& base = {})
      : e_(c.evaluation),
        pictures_(picture_features(backend, net, store, images, c, Rng(c.seed).split("copies"), base)),
        fine_tune_{e_.fine_tune, {}} {
    if (!uses_protocol(e_, "fine_tune")) return;
    const Frame frame = main_frame(c);
    fine_tune_.from = last_stage<float>(net, store, frame.out_shape(images.shape));
    inputs_ = Embedder<B>(backend).embed_view(fine_tune_.from->trunk, store, images, frame, 0, Rng(c.seed));
  }

  const EvaluationConfig& config() const { return e_; }
  const PictureFeatures& pictures() const { return pictures_; }

  /// Calls f(protocol, features, text) as `each_protocol` does, fine-tuning last; that sees every picture once, without
  /// copies.
  template <class F>
  void each(F&& f) const {
    each_protocol(e_, pictures_, f);
    if (uses_protocol(e_, "fine_tune")) f(fine_tune_, inputs_, describe(fine_tune_) + ", inductive");
  }

 private:
  EvaluationConfig e_;
  PictureFeatures pictures_;
  Features inputs_;  // of the last stage
  FineTune<EpisodeBackend<B>> fine_tune_;
};

/// The accuracies under all of them, with the shots and groups of the configuration. `images`: those that they were
/// made for; `ranks`: see accuracies_of_each.
template <class B, class Ranks = OneRank>
std::vector<FewShotAccuracies> few_shot_accuracies(Threads& threads, const NetProtocols<B>& protocols,
                                                   const Images& images, const FewShotRow& about,
                                                   const Ranks& ranks = {}) {
  const EvaluationConfig& e = protocols.config();
  auto all = accuracies_of_each(
      threads, [&](const auto& f) { protocols.each(f); }, images, about, e.shots, within_groups(e), ranks);
  for (FewShotAccuracies& one : all)  // which sees no copies
    if (one.about.protocol.starts_with(FineTune<EpisodeBackend<B>>::name)) one.about.copies = 0;
  return all;
}

}  // namespace sseg
