#pragma once
#include <algorithm>
#include <cstdint>
#include <span>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// A communicator whose sums may go on while the program does something else.
template <class C>
concept SumsInBackground = requires(C& c, std::span<float> x) {
  c.begin_sum(x);
  c.progress_sums();
  c.end_sums();
};

/// Sums the gradients of all parameters over ranks while a backward pass still runs: it has finished with the last
/// parameters first, and as soon as it has finished with all of a bucket, that one's sum begins. Buckets are cut from
/// the end, by their size alone; all ranks begin them at the same places of the pass.
class GradientSum {
 public:
  /// `bucket`: parameters in one; 0: one sum, after the pass.
  explicit GradientSum(Index bucket) : bucket_(bucket) {
    require(bucket >= 0, "a bucket of gradients holds no fewer than 0 parameters", "GradientSum",
            "give 0 to sum after the backward pass");
  }
  bool in_buckets() const { return bucket_ > 0; }

  /// A pass begins after which `all` is complete. Until `end`, nobody but the pass touches it.
  template <class T>
  void begin(std::span<const T> all) {
    begin_ = address(all.data());
    bytes_ = sizeof(T);
    summed_from_ = complete_from_ = static_cast<Index>(all.size());
    under_way_ = true;
  }
  /// The pass adds no more to `piece`. One that does not lie before what is complete already is told again later, as
  /// part of a larger one; what lies elsewhere is none of the pass's.
  template <class T, SumsInBackground C>
  void done(C& ranks, std::span<T> all, std::span<const T> piece) {
    if (!under_way_ || !in_buckets() || piece.empty()) return;
    const std::uintptr_t from = address(piece.data()), to = address(piece.data() + piece.size());
    const auto at = [&](Index i) { return begin_ + static_cast<std::uintptr_t>(i) * bytes_; };
    if (from < begin_ || from >= at(complete_from_) || to < at(complete_from_)) return ranks.progress_sums();
    complete_from_ = static_cast<Index>((from - begin_) / bytes_);
    while (summed_from_ - complete_from_ >= bucket_) sum_next(ranks, all);
    ranks.progress_sums();
  }
  /// The pass is over: what is left is summed, and all sums are waited for. Requires: `in_buckets`.
  template <class T, SumsInBackground C>
  void end(C& ranks, std::span<T> all) {
    under_way_ = false;
    while (summed_from_ > 0) sum_next(ranks, all);
    ranks.end_sums();
  }
  /// The pass has failed: no other sum begins.
  void abandon() { under_way_ = false; }

 private:
  static std::uintptr_t address(const void* p) { return reinterpret_cast<std::uintptr_t>(p); }
  template <class T, class C>
  void sum_next(C& ranks, std::span<T> all) {
    const Index to = summed_from_;
    summed_from_ = std::max<Index>(0, to - bucket_);
    ranks.begin_sum(all.subspan(to_size(summed_from_), to_size(to - summed_from_)));
  }

  Index bucket_;
  std::uintptr_t begin_ = 0, bytes_ = 1;
  Index summed_from_ = 0, complete_from_ = 0;  ///< elements from here on are being summed, are complete
  bool under_way_ = false;
};

}  // namespace sseg
