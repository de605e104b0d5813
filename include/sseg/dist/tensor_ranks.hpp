#pragma once
#include <span>
#include <type_traits>

#include "sseg/concepts/backend.hpp"
#include "sseg/concepts/communicator.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/dist/gradient_sum.hpp"
#include "sseg/dist/staged_sums.hpp"

namespace sseg {

/// The communicator of what lies on the host: that of a device brings one (`host()`), any other is it.
template <class C>
decltype(auto) host_of(C& communicator) {
  if constexpr (requires { communicator.host(); })
    return communicator.host();
  else
    return (communicator);
}

/// Collectives on tensors that lie where backend B keeps them: directly where the communicator reaches there, else over
/// the host, one copy there and one back, of gradients bucket after bucket (StagedSums). All ranks call the same
/// members in the same order.
template <Backend B, class C>
class TensorRanks {
  static_assert(CheckCommunicator<C>::ok);
  static constexpr bool direct = std::is_same_v<typename B::Space, typename C::Space>;
  static_assert(direct || (HasMemory<B> && std::is_same_v<typename C::Space, HostSpace>),
                "sseg::Across: the communicator must reach the backend's tensors (the same Space), or the host's.");
  static constexpr bool staged = !direct && SumsInBackground<C> && BringsLater<B>;
  static constexpr bool in_background = SumsInBackground<C> && (direct || staged);

 public:
  using T = typename B::Scalar;
  /// Tensors are sent from where they lie, so nobody waits for them on the host.
  static constexpr bool stays_away = HasMemory<B> && direct && SumsInBackground<C>;

  /// `bucket`: of GradientSum. Keeps references to both.
  TensorRanks(B& backend, C& communicator, Index bucket)
      : backend_(&backend), communicator_(&communicator), staged_(backend, communicator), gradients_(bucket) {}

  /// x ← Σ_r x of rank r.
  void all_reduce(std::span<T> x) {
    if (communicator_->size() == 1) return;
    if constexpr (direct) {
      communicator_->all_reduce(x);
    } else {
      const std::span<T> here = bring(x, mine_);
      // All that was begun has arrived with it. Now it goes first, on all ranks: else this sum may stand between two
      // buckets here and elsewhere before both.
      if constexpr (staged) staged_.progress_sums();
      communicator_->all_reduce(here);
      take(here, x);
    }
  }
  /// all ← x of rank 0, of rank 1 …
  void all_gather(std::span<const T> x, std::span<T> all) {
    if constexpr (direct) {
      communicator_->all_gather(x, all);
    } else {
      const std::span<const T> here = bring(x, mine_);
      all_.reserve_at_least(static_cast<Index>(all.size()));
      const std::span<T> gathered = all_.span().first(all.size());
      communicator_->all_gather(here, gathered);
      take(gathered, all);
    }
  }

  /// A backward pass begins whose gradients are summed: while it runs where the communicator can do that, else in
  /// `end_sum`.
  void begin_sum(std::span<T> gradients) {
    sum_ = gradients;
    if constexpr (in_background) gradients_.begin(std::span<const T>(gradients));
  }
  /// x ← Σ_r x of rank r, from now until `end_sum`.
  void begin_sum_of_values(std::span<double> x) requires stays_away {
    if (communicator_->size() > 1) communicator_->begin_sum(x);
  }
  /// The pass adds no more to this piece of the gradients.
  void done(std::span<const T> piece) {
    if constexpr (in_background)
      if (communicator_->size() > 1) gradients_.done(sums(), sum_, piece);
  }
  /// The pass has failed: nothing more of it is summed.
  void abandon_sum() {
    gradients_.abandon();
    if constexpr (staged) staged_.abandon();
    sum_ = {};
  }
  /// The pass is over; returns when the backend may go on with the sums.
  void end_sum() {
    if (communicator_->size() == 1) return;
    if constexpr (in_background) {
      if (gradients_.in_buckets()) return gradients_.end(sums(), sum_);
    }
    all_reduce(sum_);
  }

 private:
  struct Nothing {
    Nothing(B&, C&) {}
  };
  /// What sums in the background.
  auto& sums() {
    if constexpr (staged)
      return staged_;
    else
      return *communicator_;
  }

  std::span<T> bring(std::span<const T> there, Buffer<T>& room) {
    room.reserve_at_least(static_cast<Index>(there.size()));
    if (!there.empty()) memory_of(*backend_)->download(room.data(), there.data(), there.size_bytes());
    return room.span().first(there.size());
  }
  void take(std::span<const T> here, std::span<T> there) {
    if (!here.empty()) memory_of(*backend_)->upload(there.data(), here.data(), here.size_bytes());
  }

  B* backend_;
  C* communicator_;
  [[no_unique_address]] std::conditional_t<staged, StagedSums<B, C>, Nothing> staged_;
  GradientSum gradients_;
  std::span<T> sum_;
  Buffer<T> mine_, all_;  ///< on the host
};

}  // namespace sseg
