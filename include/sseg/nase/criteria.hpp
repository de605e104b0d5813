#pragma once
#include <cmath>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sseg/backend/ops.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/nase/prunable.hpp"

namespace sseg {

/// What a criterion's scores are worth later: averaged over steps, replaced at every step, or computed once.
enum class ScoreMemory { average, latest, once };

/// How a channel gets its score from those of its weights: the sum over all weights of its filters; the sum over its
/// filters, whose weights all carry the filter's score; or the first weight's score alone.
enum class ChannelScore { sum_of_weights, sum_of_filters, first_weight };

/// A way to say how much a weight matters: a plain value. `score` writes one number ≥ 0 for each weight of the tensors
/// to `out`, which is laid out like the store's `value`; g = ∂L/∂w is in the store. Nothing else of `out` is written.
/// Where the score is one of ImportanceScore, the optional member `static constexpr ImportanceScore operation` says so:
/// then a device scores its own weights.
template <class C, class T = float>
concept Criterion = std::regular<C> &&
    requires(const C c, const ParamStore<T>& store, const std::vector<PrunableTensor>& tensors, std::span<T> out) {
  { c.memory() } -> std::same_as<ScoreMemory>;
  { c.channel_score() } -> std::same_as<ChannelScore>;
  c.score(store, tensors, out);
};

/// The operation that does what the criterion says, if there is one.
template <class C>
std::optional<ImportanceScore> operation_of(const C& criterion) {
  if constexpr (requires { criterion.score_operation(); })
    return criterion.score_operation();
  else if constexpr (requires { C::operation; })
    return C::operation;
  else
    return {};
}

namespace detail {

/// out = f(g, w) for every weight.
template <class T, class F>
void score_weights(const ParamStore<T>& store, const std::vector<PrunableTensor>& tensors, std::span<T> out, F&& f) {
  for (const PrunableTensor& t : tensors)
    for (Index i = t.offset; i < t.offset + t.count(); ++i) out[to_size(i)] = f(store.grad[i], store.value[i]);
}

/// Σ_j g_j·w_j over the parameters of channel o's gate: γ and β of its norm, or its filter where no norm follows.
template <class T>
double gate_sum(const ParamStore<T>& store, const PrunableTensor& t, Index o) {
  const auto product = [&](Index i) {
    return static_cast<double>(store.grad[i]) * static_cast<double>(store.value[i]);
  };
  if (t.gamma >= 0) return product(t.gamma + o) + product(t.beta + o);
  double sum = 0;
  for (Index i = t.offset + o; i < t.offset + t.count(); i += t.channels()) sum += product(i);
  return sum;
}

}  // namespace detail

/// s = |g|: how fast the loss changes with the weight.
struct GradientMagnitude {
  static constexpr std::string_view name = "gradient";
  static constexpr ImportanceScore operation = ImportanceScore::gradient;
  static constexpr ScoreMemory memory() { return ScoreMemory::average; }
  static constexpr ChannelScore channel_score() { return ChannelScore::sum_of_weights; }
  bool operator==(const GradientMagnitude&) const = default;
  template <class T>
  void score(const ParamStore<T>& store, const std::vector<PrunableTensor>& tensors, std::span<T> out) const {
    detail::score_weights(store, tensors, out, [](T g, T) { return std::abs(g); });
  }
};

/// s = (g·w)²: the squared first-order change of the loss without the weight (Molchanov et al. 2019). A channel's score
/// is the sum over its weights.
struct TaylorWeight {
  static constexpr std::string_view name = "taylor";
  static constexpr ImportanceScore operation = ImportanceScore::taylor;
  static constexpr ScoreMemory memory() { return ScoreMemory::average; }
  static constexpr ChannelScore channel_score() { return ChannelScore::sum_of_weights; }
  bool operator==(const TaylorWeight&) const = default;
  template <class T>
  void score(const ParamStore<T>& store, const std::vector<PrunableTensor>& tensors, std::span<T> out) const {
    detail::score_weights(store, tensors, out, [](T g, T w) { return (g * w) * (g * w); });
  }
};

/// s = (Σ_j g_j·w_j)² per output channel: the squared derivative by a gate on the channel (Molchanov et al. 2019). The
/// gate stands behind the batch norm, so j runs over its γ and β. (Over the filter itself the sum is 0 there: the norm
/// undoes any scaling of the filter, so the loss does not change along w.) Without a norm, j runs over the filter. All
/// weights of the channel's filter get its score.
struct TaylorGate {
  static constexpr std::string_view name = "taylor_gate";
  static constexpr ScoreMemory memory() { return ScoreMemory::average; }
  static constexpr ChannelScore channel_score() { return ChannelScore::sum_of_filters; }
  bool operator==(const TaylorGate&) const = default;
  template <class T>
  void score(const ParamStore<T>& store, const std::vector<PrunableTensor>& tensors, std::span<T> out) const {
    for (const PrunableTensor& t : tensors) {
      T* const s = out.data() + t.offset;
      for (Index o = 0; o < t.channels(); ++o) {
        const double sum = detail::gate_sum(store, t, o);
        s[o] = static_cast<T>(sum * sum);
      }
      for (Index i = t.channels(); i < t.count(); ++i) s[i] = s[i - t.channels()];
    }
  }
};

/// s = |w|. Needs no gradient and no average.
struct Magnitude {
  static constexpr std::string_view name = "magnitude";
  static constexpr ImportanceScore operation = ImportanceScore::magnitude;
  static constexpr ScoreMemory memory() { return ScoreMemory::latest; }
  static constexpr ChannelScore channel_score() { return ChannelScore::sum_of_weights; }
  bool operator==(const Magnitude&) const = default;
  template <class T>
  void score(const ParamStore<T>& store, const std::vector<PrunableTensor>& tensors, std::span<T> out) const {
    detail::score_weights(store, tensors, out, [](T, T w) { return std::abs(w); });
  }
};

/// s = |g·w| / Σ|g·w|, the sum over all prunable weights (SNIP, Lee et al. 2019). All 0 where the sum is 0.
struct Snip {
  static constexpr std::string_view name = "snip";
  static constexpr ScoreMemory memory() { return ScoreMemory::average; }
  static constexpr ChannelScore channel_score() { return ChannelScore::sum_of_weights; }
  bool operator==(const Snip&) const = default;
  template <class T>
  void score(const ParamStore<T>& store, const std::vector<PrunableTensor>& tensors, std::span<T> out) const {
    double total = 0;
    detail::score_weights(store, tensors, out, [&](T g, T w) {
      total += static_cast<double>(std::abs(g * w));
      return std::abs(g * w);
    });
    const double scale = total > 0 ? 1 / total : 0;
    for (const PrunableTensor& t : tensors)
      for (Index i = t.offset; i < t.offset + t.count(); ++i)
        out[to_size(i)] = static_cast<T>(static_cast<double>(out[to_size(i)]) * scale);
  }
};

/// The control: s uniform on [0, 1), drawn from seed and key alone, so it stays what it is over steps. A channel's
/// score is one draw too (its first weight's), so that no layer is preferred for its size.
struct RandomScore {
  static constexpr std::string_view name = "random";
  std::uint64_t seed = 0;
  static constexpr ScoreMemory memory() { return ScoreMemory::once; }
  static constexpr ChannelScore channel_score() { return ChannelScore::first_weight; }
  bool operator==(const RandomScore&) const = default;
  template <class T>
  void score(const ParamStore<T>&, const std::vector<PrunableTensor>& tensors, std::span<T> out) const {
    for (const PrunableTensor& t : tensors) {
      Rng draw = Rng(seed).split("importance").split(t.key);
      for (Index i = t.offset; i < t.offset + t.count(); ++i) out[to_size(i)] = static_cast<T>(draw.uniform());
    }
  }
};

}  // namespace sseg
