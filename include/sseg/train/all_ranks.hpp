#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "sseg/concepts/communicator.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// What a training step needs of the other ranks, where its backend has some (`OnRanks`, see dist/across.hpp). On any
/// other backend every member does nothing, and costs nothing. All ranks call the same members in the same order.
template <class B>
class AllRanks {
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

  /// x ← the sum, or the mean, of all ranks'.
  template <class T>
  void sum(std::span<T> x) const {
    if constexpr (OnRanks<B>) backend_->communicator().all_reduce(x);
  }
  template <class T>
  void mean(std::span<T> x) const {
    if constexpr (OnRanks<B>) {
      if (size() == 1) return;
      sum(x);
      for (T& v : x) v /= static_cast<T>(size());
    }
  }
  /// all ← x of rank 0, of rank 1 …
  template <class T>
  void gather(std::span<const T> x, std::span<T> all) const {
    if constexpr (OnRanks<B>) backend_->communicator().all_gather(x, all);
  }
  /// x ← that of the first rank.
  template <class T>
  void take_first(std::span<T> x) const {
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
  /// Running statistics that each rank has moved by its part of the batch become their mean.
  template <class T>
  void settle_statistics(std::span<T> state) const {
    if constexpr (OnRanks<B>)
      if (!backend_->shares_statistics()) mean(state);
  }

  /// Throws: Error on all ranks when one of them holds other bits.
  template <class T>
  void check_same(std::span<const T> x) const {
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
