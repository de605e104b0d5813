#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/nase/importance.hpp"
#include "sseg/nase/lowest_units.hpp"
#include "sseg/nase/masks.hpp"
#include "sseg/nase/router_config.hpp"

namespace sseg {

/// Splits the prunable weights of a store into an important and an unimportant path by their importance: from the units
/// of the net (or of each layer) the lowest ⌊(1 − ρ)·n⌋ go, ρ the share to keep at that step, but one unit of every
/// layer stays. Deterministic: ties go by place, the earlier unit stays.
/// Unit "weight": single weights; a layer is a kernel. Unit "channel": a stream channel of a stage; a layer is a stage.
/// In a stage the residual blocks add to the channels that the entry made, so channel o can vanish only as a whole:
/// filter o of the entry's kernel and of every residual kernel, with γ_o and β_o of their norms. Then relu(0) = 0
/// leaves the entry, every branch adds 0, and the channel is 0 wherever it is read: `compact` can take it out.
class SparseRouter {
 public:
  /// Throws: Error when the configuration makes no sense.
  explicit SparseRouter(RouterConfig config = {}) : config_(std::move(config)) {
    config_.check();
    unit_ = config_.mask_unit();
    scope_ = config_.mask_scope();
  }

  /// Makes new masks when the step asks for them: every `update_every` steps from `start_step` on; whenever the layout
  /// has changed; and again where some tensor had no score the last time (it was kept whole meanwhile). Otherwise does
  /// nothing. Returns whether masks were made. Allocates only where the layout is new.
  /// Throws: Error when a score is not finite, or the unit is the channel and a kernel lies in no stage.
  template <class C, class T>
  bool update(const ParamStore<T>& store, ImportanceScorer<C, T>& importance, Index step) {
    importance.align(store);
    if (!due(store, importance.prefix(), step)) return false;
    align(store, importance.prefix());
    gather(importance);
    choose(config_.keep_ratio_at(step));
    write_masks();
    return true;
  }

  /// Whether `update` would make masks, and so look at the importances. `prefix`: theirs.
  template <class T>
  bool due(const ParamStore<T>& store, const std::string& prefix, Index step) const {
    const Index since = step - config_.start_step;
    return !aligned(store, prefix) || !settled_ || (since >= 0 && since % config_.update_every == 0);
  }

  const Masks& masks() const { return masks_; }
  const RouterConfig& config() const { return config_; }
  /// Every tensor had a score when the masks were made.
  bool settled() const { return settled_; }

  /// The prunable tensors, and what share of each one's weights is on the positive path.
  const std::vector<PrunableTensor>& layers() const { return tensors_; }
  std::span<const double> layer_keep_ratios() const { return layer_ratio_; }
  /// Keys of the stages in the net's order, and what share of each one's weights is on the positive path: a stage that
  /// keeps nearly all has no capacity to spare, one that keeps little need not grow.
  const std::vector<std::string>& stages() const { return stages_; }
  std::span<const double> stage_keep_ratios() const { return stage_ratio_; }
  /// Units on the positive path, and in all.
  Index units_kept() const { return std::count(kept_.begin(), kept_.end(), std::uint8_t{1}); }
  Index units() const { return static_cast<Index>(kept_.size()); }

  /// Goes on with the masks of a router of the same configuration on a store of the same layout.
  /// Throws: Error when they are for another layout.
  template <class T>
  void restore(const ParamStore<T>& store, std::span<const std::uint8_t> paths, bool settled,
               const std::string& prefix = "net/0/") {
    align(store, prefix);
    require(paths.size() == masks_.paths.span().size(), "these masks belong to another net", "SparseRouter::restore",
            "restore them with the net they were saved with");
    for (std::size_t t = 0; t < tensors_.size(); ++t)
      each_weight(t, [&](Index unit, Index at) {
        const auto path = paths[to_size(at)];
        require(path == 1 || path == 2, "a prunable weight lies on no path or on both", "SparseRouter::restore",
                "restore the masks as they were saved");
        kept_[to_size(unit)] = path == static_cast<std::uint8_t>(Path::positive);
      });
    write_masks();
    settled_ = settled;
  }

 private:
  template <class T>
  bool aligned(const ParamStore<T>& store, const std::string& prefix) const {
    return masks_.paths.size() == store.value.size() && same_prunables(tensors_, store, prefix);
  }
  template <class T>
  bool align(const ParamStore<T>& store, const std::string& prefix) {
    if (aligned(store, prefix)) return false;
    tensors_ = prunable_tensors(store, prefix);
    stages_.clear();
    for (const PrunableTensor& t : tensors_)
      if (stages_.empty() || stages_.back() != t.stage) stages_.push_back(t.stage);
    lay_out_units();
    masks_.paths.resize(store.value.size());
    std::fill(masks_.paths.begin(), masks_.paths.end(), Masks::both);
    settled_ = false;
    return true;
  }

  void lay_out_units() {
    layers_.clear();
    layer_of_.clear();
    Index units = 0;
    for (const PrunableTensor& t : tensors_) {
      if (unit_ == MaskUnit::channel) check_channels(t);
      if (unit_ == MaskUnit::weight || layers_.empty() || layers_.back().name != t.stage) {
        layers_.push_back(
            {unit_ == MaskUnit::weight ? t.key : t.stage, units, unit_ == MaskUnit::weight ? t.count() : t.channels()});
        units += layers_.back().count;
      }
      layer_of_.push_back(layers_.size() - 1);
      require(unit_ == MaskUnit::weight || layers_.back().count == t.channels(),
              "the kernels of a stage have different numbers of output channels", "SparseRouter",
              "let all kernels of a stage write the same channels, or take the weight as the unit");
    }
    kept_.assign(to_size(units), 1);
    score_.assign(to_size(units), 0.0);
    order_.reserve(to_size(units));
    layer_ratio_.assign(tensors_.size(), 1.0);
    stage_ratio_.assign(stages_.size(), 1.0);
  }
  static void check_channels(const PrunableTensor& t) {
    if (t.stage == t.key || t.gamma < 0)
      throw Error("the kernel " + t.key + " lies in no stage, or no batch norm follows it", "SparseRouter",
                  "take an EvolvableCnn as the backbone, or the weight as the unit");
  }

  /// f(unit, place in the store) for every weight of tensor t.
  template <class F>
  void each_weight(std::size_t t, F&& f) const {
    const PrunableTensor& tensor = tensors_[t];
    const Index first = layers_[layer_of_[t]].first;
    if (unit_ == MaskUnit::weight)
      for (Index i = 0; i < tensor.count(); ++i) f(first + i, tensor.offset + i);
    else
      for (Index i = 0; i < tensor.count();)
        for (Index o = 0; o < tensor.channels(); ++o, ++i) f(first + o, tensor.offset + i);
  }

  /// The scores of the units from those of the weights.
  template <class C, class T>
  void gather(const ImportanceScorer<C, T>& importance) {
    const auto value = importance.values();
    const ChannelScore how = importance.criterion().channel_score();
    std::fill(score_.begin(), score_.end(), 0.0);
    for (UnitLayer& layer : layers_) layer.scored = true;
    for (std::size_t t = 0; t < tensors_.size(); ++t) {
      const PrunableTensor& tensor = tensors_[t];
      UnitLayer& layer = layers_[layer_of_[t]];
      layer.scored = layer.scored && importance.seen(tensor);
      const bool first = t == 0 || layer_of_[t] != layer_of_[t - 1];
      const Index once = tensor.offset + tensor.channels();  // where a filter's first weights end
      each_weight(t, [&](Index unit, Index at) {
        const bool counts = unit_ == MaskUnit::weight || how == ChannelScore::sum_of_weights ||
                            (at < once && (first || how == ChannelScore::sum_of_filters));
        if (counts) score_[to_size(unit)] += static_cast<double>(value[to_size(at)]);
      });
    }
    for (const double s : score_)
      require(std::isfinite(s), "an importance is not finite", "SparseRouter::update",
              "lower the learning rate; the gradient has overflowed");
    settled_ = std::ranges::all_of(layers_, [](const UnitLayer& l) { return l.scored; });
  }

  void choose(double keep) {
    std::fill(kept_.begin(), kept_.end(), std::uint8_t{1});
    const std::span<const UnitLayer> all = layers_;
    if (scope_ == MaskScope::global) {
      Index scored = 0;
      for (const UnitLayer& l : all) scored += l.scored ? l.count : 0;
      remove_lowest(all, score_, units_removed(scored, keep), order_, kept_);
    } else {
      for (std::size_t l = 0; l < all.size(); ++l)
        remove_lowest(all.subspan(l, 1), score_, units_removed(all[l].count, keep), order_, kept_);
    }
  }

  void write_masks() {
    std::fill(stage_ratio_.begin(), stage_ratio_.end(), 0.0);
    std::size_t stage = 0;
    Index in_stage = 0;
    for (std::size_t t = 0; t < tensors_.size(); ++t) {
      const PrunableTensor& tensor = tensors_[t];
      Index kept = 0;
      each_weight(t, [&](Index unit, Index at) {
        masks_.put(at, kept_[to_size(unit)] != 0);
        kept += kept_[to_size(unit)];
      });
      if (unit_ == MaskUnit::channel) mask_norm(tensor, layers_[layer_of_[t]].first);
      layer_ratio_[t] = static_cast<double>(kept) / static_cast<double>(tensor.count());
      in_stage += tensor.count();
      stage_ratio_[stage] += static_cast<double>(kept);
      if (t + 1 == tensors_.size() || tensors_[t + 1].stage != tensor.stage) {
        stage_ratio_[stage++] /= static_cast<double>(in_stage);
        in_stage = 0;
      }
    }
  }
  void mask_norm(const PrunableTensor& tensor, Index first) {
    for (Index o = 0; o < tensor.channels(); ++o) {
      masks_.put(tensor.gamma + o, kept_[to_size(first + o)] != 0);
      masks_.put(tensor.beta + o, kept_[to_size(first + o)] != 0);
    }
  }

  RouterConfig config_;
  MaskUnit unit_;
  MaskScope scope_;
  std::vector<PrunableTensor> tensors_;
  std::vector<std::string> stages_;
  std::vector<UnitLayer> layers_;
  std::vector<std::size_t> layer_of_;  // of each tensor
  std::vector<double> score_;          // of each unit
  std::vector<std::uint8_t> kept_;
  std::vector<Index> order_;
  std::vector<double> layer_ratio_, stage_ratio_;
  Masks masks_;
  bool settled_ = false;
};

}  // namespace sseg
