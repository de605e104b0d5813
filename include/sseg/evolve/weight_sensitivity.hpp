#pragma once
#include <algorithm>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/backend/backlog.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/backend/reserve_for.hpp"
#include "sseg/evolve/stage_scores.hpp"

namespace sseg {

/// A sensitivity that adds up over single weights: a channel's score is the sum of Score(g, w) over its filters in the
/// stage's entry and residual convolutions and over its γ and β; a stage's is the sum over its channels.
/// `Score` is a stateless type with `name`, a static `of(g, w)` and the same as `operation`.
template <class Score>
class WeightSensitivity {
 public:
  static constexpr std::string_view name = Score::name;
  explicit WeightSensitivity(double momentum = 0.9) : scores_(momentum) {}

  /// Call after backward, before the optimizer. Allocates only where the net's layout is new.
  template <class Readout, class Head, class T>
  void observe(const Learner<Readout, Head>& net, const ParamStore<T>& store) {
    scores_.observe(stages(backbone(net)), [&](std::string_view prefix, std::span<double> channels) {
      double sum = 0;
      for (const auto& e : store.entries)
        if (e.is_param() && std::string_view(e.desc.key).starts_with(prefix)) add(store, e, channels);
      for (const double c : channels) sum += c;
      return sum;
    });
  }
  /// The same where the store lies where the backend's arrays do. Away from the host, what was counted comes over once.
  template <class B, class Readout, class Head, class T>
  void observe(B& backend, const Learner<Readout, Head>& net, const ParamStore<T>& store) {
    count(backend, net, store);
    put_aside(backend);
    settle();
  }
  /// The same in three parts, so that nobody waits for what was counted. `count` works on tensors alone; `put_aside`
  /// keeps what it has counted; `settle` brings over all that was kept: values, channels and record are of before until
  /// then. On the host `count` does everything. `overflow`: a number there, or none; what was counted is dropped where
  /// it is not 0.
  template <class B, class Readout, class Head, class T>
  void count(B& backend, const Learner<Readout, Head>& net, const ParamStore<T>& store) {
    if constexpr (HasMemory<B>)
      count_there(backend, stages(backbone(net)), store);
    else
      observe(net, store);
  }
  template <class B>
  void put_aside(B& backend, [[maybe_unused]] std::span<const double> overflow = {}) {
    if constexpr (HasMemory<B>) {
      if (there_.size() == 0) return;
      counted_.put(backend, there_.data(), there_.size(), overflow);
      if (counted_.full()) settle();
    }
  }
  void settle() {
    counted_.take([&](std::span<const double> row) {
      if (row.size() > to_size(there_.size()) && row.back() != 0) return;
      scores_.observe_aligned([&](std::string_view, std::span<double> channels) {
        std::copy_n(row.begin(), channels.size(), channels.begin());
        row = row.subspan(channels.size());
        return std::accumulate(channels.begin(), channels.end(), 0.0);
      });
    });
  }
  /// After a mutation: the values of the new layout.
  template <class Readout, class Head>
  void align(const Learner<Readout, Head>& net) {
    scores_.align(stages(backbone(net)));
  }

  /// Gives back what it holds where a backend's arrays lie; the next `observe` takes it again.
  void leave_backend() {
    settle();
    counted_.clear();
    there_.lie_in(nullptr);
  }

  std::span<const double> values() const { return scores_.values(); }
  std::span<const double> channels(Index stage) const { return scores_.channels(stage); }
  StageScoresRecord record() const { return scores_.record(); }
  void restore(std::vector<double> values) { scores_.restore(std::move(values)); }
  void restore(const StageScoresRecord& r) { scores_.restore(r); }

 private:
  /// The stream channel is every tensor's last axis.
  template <class T>
  static void add(const ParamStore<T>& store, const typename ParamStore<T>::Entry& e, std::span<double> channels) {
    const T* w = store.value.data() + e.offset;
    const T* g = store.grad.data() + e.offset;
    const auto width = static_cast<Index>(channels.size());
    for (Index i = 0; i < e.count(); i += width)
      for (Index c = 0; c < width; ++c) channels[to_size(c)] += static_cast<double>(Score::of(g[i + c], w[i + c]));
  }

  /// Every stage's channels, one after the other.
  template <class B, class T>
  void count_there(B& backend, const Stack<Stage>& list, const ParamStore<T>& store) {
    Index all = 0;
    for (const auto& slot : list.slots) all += width(slot.block);
    if (there_.size() != all) settle();
    scores_.align(list);
    there_.lie_in(backend.memory());
    there_.resize(all);
    Index at = 0;
    for (const auto& slot : list.slots) {
      const std::string prefix = stage_key(slot.id) + "/";
      const Index channels = width(slot.block);
      for (const auto& e : store.entries)
        if (e.is_param() && e.desc.key.starts_with(prefix))
          dispatch(backend,
                   ColumnScores<T>{e.count() / channels, channels, Score::operation, store.grad.data() + e.offset,
                                   store.value.data() + e.offset, there_.data() + at});
      at += channels;
    }
  }

  StageScores scores_;
  Buffer<double> there_;
  Backlog<double> counted_;
};

}  // namespace sseg
