#pragma once
#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sseg/backend/dispatch.hpp"
#include "sseg/backend/reserve_for.hpp"
#include "sseg/core/error.hpp"
#include "sseg/nase/criteria.hpp"
#include "sseg/net/copy_to_host.hpp"

namespace sseg {

/// A running importance I ← b·I + (1 − b)·s of every prunable weight, s from the criterion, I = s at a tensor's first
/// score. `values` are laid out like the store's `value`; 0 where nothing is prunable, −1 where a tensor has no score
/// yet. Whatever the criterion keeps no average of is replaced instead.
template <class C, class T = float>
requires Criterion<C, T>
class ImportanceScorer {
 public:
  explicit ImportanceScorer(C criterion = C{}, double momentum = 0.9, std::string prefix = "net/0/")
      : criterion_(std::move(criterion)), momentum_(momentum), prefix_(std::move(prefix)) {
    require(momentum >= 0 && momentum < 1, "the momentum of the importance is out of range", "ImportanceScorer",
            "give 0 or more, and less than 1");
  }

  /// Call after backward, before the optimizer. Allocates only where the layout is new.
  void observe(const ParamStore<T>& store) {
    align(store);
    const ScoreMemory memory = criterion_.memory();
    if (memory == ScoreMemory::once && all_seen()) return;
    criterion_.score(store, tensors_, fresh_.span());
    for (const PrunableTensor& t : tensors_) {
      const T b = memory == ScoreMemory::average && seen(t) ? static_cast<T>(momentum_) : T{};
      T* const average = average_.data() + t.offset;
      const T* const s = fresh_.data() + t.offset;
      for (Index i = 0; i < t.count(); ++i) average[i] = b * average[i] + (1 - b) * s[i];
    }
  }

  /// The same where the store lies where the backend's arrays do. Averages that an operation makes (Criterion) lie
  /// there too until `settle`; for others weights and gradients come to the host.
  template <class B>
  void observe(B& backend, const ParamStore<T>& store) {
    if constexpr (HasMemory<B>) {
      const auto operation = operation_of(criterion_);
      if (operation) return observe_there(backend, store, *operation);
      align(store);
      if (criterion_.memory() == ScoreMemory::once && all_seen()) return;
      copy_to_host(store, here_);
      observe(here_);
    } else {
      observe(store);
    }
  }
  /// Brings over what `observe` has left where a backend's arrays lie; it stays there, too.
  void settle() {
    if (away()) there_.download(average_.span());
  }
  /// The same, and gives the memory back.
  void leave_backend() {
    settle();
    there_.lie_in(nullptr);
  }

  /// Takes over the store's layout: the averages of tensors of unchanged key and shape are kept, others restart.
  /// `observe` does it too; call it after a mutation when the values are needed before the next step. Returns whether
  /// anything changed.
  bool align(const ParamStore<T>& store) {
    if (average_.size() == store.value.size() && same_prunables(tensors_, store, prefix_)) return false;
    leave_backend();
    const auto before = std::exchange(tensors_, prunable_tensors(store, prefix_));
    const Buffer<T> old = std::exchange(average_, Buffer<T>(store.value.size()));
    fresh_.resize(store.value.size());
    for (const PrunableTensor& t : tensors_) {
      const auto same =
          std::ranges::find_if(before, [&](const auto& b) { return b.key == t.key && b.shape == t.shape; });
      if (same != before.end())
        std::copy_n(old.data() + same->offset, t.count(), average_.data() + t.offset);
      else
        std::fill_n(average_.data() + t.offset, t.count(), T{-1});
    }
    return true;
  }

  /// As of the last `settle`, where a backend with memory of its own makes them.
  std::span<const T> values() const { return average_.span(); }
  const std::vector<PrunableTensor>& tensors() const { return tensors_; }
  const C& criterion() const { return criterion_; }
  const std::string& prefix() const { return prefix_; }
  /// The tensor has been scored.
  bool seen(const PrunableTensor& t) const { return average_[t.offset] >= 0; }

  /// Goes on from the `values` of a scorer on a store of the same layout. Throws: Error when the layout is another.
  void restore(const ParamStore<T>& store, std::span<const T> values) {
    align(store);
    require(values.size() == average_.span().size(), "these importances belong to another net",
            "ImportanceScorer::restore", "restore them with the net they were saved with");
    std::ranges::copy(values, average_.begin());
  }

 private:
  bool away() const { return there_.size() > 0; }
  bool all_seen() const {
    return std::ranges::all_of(tensors_, [&](const auto& t) { return seen(t); });
  }
  template <class B>
  void observe_there(B& backend, const ParamStore<T>& store, ImportanceScore operation) {
    align(store);
    const bool first = !away();
    if (first) {
      reserve_for(backend, there_, average_.size());
      there_.upload(average_.span());
    }
    for (const PrunableTensor& t : tensors_) {
      const bool averages = criterion_.memory() == ScoreMemory::average && (!first || seen(t));
      dispatch(backend, ImportanceAverage<T>{t.count(), operation, averages ? static_cast<T>(momentum_) : T{},
                                             store.grad.data() + t.offset, store.value.data() + t.offset,
                                             there_.data() + t.offset});
    }
  }

  C criterion_;
  double momentum_;
  std::string prefix_;
  std::vector<PrunableTensor> tensors_;
  Buffer<T> average_, fresh_;
  Buffer<T> there_;     ///< the averages, where a backend makes them
  ParamStore<T> here_;  ///< what came over to be scored
};

}  // namespace sseg
