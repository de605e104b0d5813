#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "sseg/backend/dispatch.hpp"
#include "sseg/backend/ops.hpp"
#include "sseg/concepts/communicator.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// What a training step needs of the other ranks, where its backend has some (`OnRanks`, see dist/across.hpp). On any
/// other backend every member does nothing, and costs nothing. All ranks call the same members in the same order.
template <class B>
class AllRanks {
  using T = typename B::Scalar;

 public:
  explicit AllRanks(B& backend) : backend_(&backend) {}

  Index rank() const {
    if constexpr (OnRanks<B>) return backend_->communicator().rank();
    return 0;
  }
  Index size() const {
    if constexpr (OnRanks<B>) return backend_->communicator().size();
    return 1;
  }
  /// The one that decides, and writes files.
  bool first() const { return rank() == 0; }

  /// This rank's part of a batch. Throws: Error when there are not equally many images for each.
  Range part_of_batch(Index batch) const {
    if (batch % size() != 0)
      throw Error(
          "a batch of " + std::to_string(batch) + " images cannot be shared by " + std::to_string(size()) + " ranks",
          "train.batch", "give a multiple of the ranks");
    return part_of(batch, size(), rank());
  }

  /// x, on the host, ← the sum, or the mean, of all ranks'.
  template <class V>
  void sum(std::span<V> x) const {
    if constexpr (OnRanks<B>) backend_->communicator().all_reduce(x);
  }
  template <class V>
  void mean(std::span<V> x) const {
    if constexpr (OnRanks<B>) {
      if (size() == 1) return;
      sum(x);
      for (V& v : x) v /= static_cast<V>(size());
    }
  }
  /// all ← x of rank 0, of rank 1 …
  template <class V>
  void gather(std::span<const V> x, std::span<V> all) const {
    if constexpr (OnRanks<B>) backend_->communicator().all_gather(x, all);
  }
  /// x ← that of the first rank.
  template <class V>
  void take_first(std::span<V> x) const {
    if constexpr (OnRanks<B>) backend_->communicator().broadcast(x);
  }
  double of_first(double x) const {
    take_first(std::span<double>(&x, 1));
    return x;
  }
  /// Is it so on any rank?
  bool any(bool here) const {
    double there = here ? 1 : 0;
    sum(std::span<double>(&there, 1));
    return there > 0;
  }

  // The same for tensors that lie where the backend's arrays do.
  void sum_tensor(std::span<T> x) const {
    if constexpr (OnRanks<B>) backend_->tensors().all_reduce(x);
  }
  void mean_tensor(std::span<T> x) const {
    if (size() == 1 || x.empty()) return;
    sum_tensor(x);
    const Index count = static_cast<Index>(x.size());
    dispatch(*backend_, Scale<T>{count, T{1} / static_cast<T>(size()), x.data(), x.data(), false});
  }
  void gather_tensor(std::span<const T> x, std::span<T> all) const {
    if constexpr (OnRanks<B>) backend_->tensors().all_gather(x, all);
  }
  /// x, where losses are left (LeavesLosses), ← the sum of all ranks', from now until the sums of `sum_gradients` end.
  void begin_sum_of_losses(std::span<double> x) const {
    if constexpr (OnRanks<B> && LeavesLosses<B>) backend_->tensors().begin_sum_of_values(x);
  }
  /// Running statistics that each rank has moved by its part of the batch become their mean.
  void settle_statistics(Buffer<T>& state) const {
    if constexpr (OnRanks<B>)
      if (!backend_->shares_statistics()) mean_tensor(state.span());
  }

  /// pass(), the last part of a backward pass, after which `gradients` become their sum over all ranks; all but the
  /// first `open` of them are complete before it. What the pass tells of (`HearsGradients`) may be summed while it
  /// runs.
  template <class F>
  void sum_gradients(Buffer<T>& gradients, Index open, F&& pass) const {
    if constexpr (OnRanks<B>) {
      backend_->tensors().begin_sum(gradients.span());
      backend_->tensors().done(std::span<const T>(gradients.span()).subspan(to_size(open)));
    }
    if constexpr (OnRanks<B>) {
      try {
        pass();
      } catch (...) {
        backend_->tensors().abandon_sum();
        throw;
      }
      backend_->tensors().end_sum();
    } else {
      pass();
    }
  }

  /// Throws: Error on all ranks when one of them holds other bits. The buffer may lie anywhere.
  void check_same(const Buffer<T>& x) const {
    if (size() == 1) return;
    if (x.on_host()) return check_same(x.span());
    Buffer<T> here(x.size());
    x.download(here.span());
    check_same(std::span<const T>(here.span()));
  }
  template <class V>
  void check_same(std::span<const V> x) const {
    if (size() == 1) return;
    const std::uint64_t mine = word_of(std::as_bytes(x));
    std::vector<std::byte> all(to_size(size()) * sizeof mine);
    gather(std::span<const std::byte>(std::as_bytes(std::span(&mine, 1))), std::span<std::byte>(all));
    for (std::size_t r = 0; r < to_size(size()); ++r)
      if (std::memcmp(all.data() + r * sizeof mine, all.data(), sizeof mine) != 0)
        throw Error("rank " + std::to_string(r) + " has come to other parameters than rank 0", "AllRanks",
                    "run all ranks with the same program, settings and instruction set (--lanes)");
  }

 private:
  /// FNV-1a, a word at a time where there is one.
  static std::uint64_t word_of(std::span<const std::byte> bytes) {
    std::uint64_t h = 1469598103934665603u;
    for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), sizeof h))) {
      std::uint64_t word = bytes.size();
      std::memcpy(&word, bytes.data(), std::min<std::size_t>(bytes.size(), sizeof h));
      h = (h ^ word) * 1099511628211u;
      h ^= h >> 29;
    }
    return h;
  }

  B* backend_;
};

}  // namespace sseg
