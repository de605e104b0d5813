#pragma once
#include <array>
#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "sseg/core/buffer.hpp"
#include "sseg/dist/mpi_library.hpp"
#include "sseg/dist/share_of_ranks.hpp"

namespace sseg {

/// Sums over all ranks that go on while the program does something else. The r-th rank gets everybody's r-th piece,
/// adds them in the order of the ranks, in double, and hands the sum to all: 2·(k − 1)/k of the bytes leave a rank, the
/// least that any algorithm needs, and each element comes to the same bits however the values are cut into sums. Each
/// of the two halves has a communicator of its own, on which it is begun in the order of the sums: so all ranks agree
/// on the order of their messages, whenever these arrive. Allocates only for more or longer sums than ever before.
class MpiSums {
 public:
  /// All ranks of `ranks` call it. Throws: Error.
  explicit MpiSums(MPI_Comm ranks) {
    int rank = 0, size = 1;
    check_mpi(MPI_Comm_rank(ranks, &rank), "MpiSums");
    check_mpi(MPI_Comm_size(ranks, &size), "MpiSums");
    rank_ = static_cast<std::size_t>(rank), ranks_ = static_cast<std::size_t>(size);
    for (MPI_Comm& half : half_) {
      check_mpi(MPI_Comm_dup(ranks, &half), "MpiSums");
      check_mpi(MPI_Comm_set_errhandler(half, MPI_ERRORS_RETURN), "MpiSums");
    }
  }
  MpiSums(const MpiSums&) = delete;
  MpiSums& operator=(const MpiSums&) = delete;
  /// Requires: MPI still runs.
  ~MpiSums() {
    for (MPI_Comm& half : half_)
      if (half != MPI_COMM_NULL) MPI_Comm_free(&half);
  }

  /// x ← Σ_r x of rank r, from now until `done`; nobody may touch x meanwhile. All ranks call it, in the same order.
  /// Returns the bytes that leave this rank. Requires: less than 2 GiB. Throws: Error.
  template <class T>
  std::size_t begin(std::span<T> x) {
    if (begun_ == sums_.size()) sums_.emplace_back(ranks_);
    Sum& s = sums_[begun_++];
    s.share = {x.size(), ranks_};
    s.x = reinterpret_cast<std::byte*>(x.data());
    s.bytes = sizeof(T);
    s.add = [](Sum& sum, std::size_t rank) {
      add_in_order(reinterpret_cast<T*>(sum.x) + sum.share.begin(rank), reinterpret_cast<const T*>(sum.parts.data()),
                   sum.share.size(rank), sum.share.size(rank), sum.share.ranks);
    };
    exchange(s);
    return s.bytes * (x.size() - s.share.size(rank_) + (ranks_ - 1) * s.share.size(rank_));
  }

  /// Looks at what has arrived, and does what can be done now. MPI moves messages only while somebody calls it. Throws:
  /// Error.
  void progress() {
    for (; handed_out_ < begun_; ++handed_out_) {
      Sum& s = sums_[handed_out_];
      if (!arrived(s)) break;
      s.add(s, rank_);
      hand_out(s);
    }
    while (finished_ < handed_out_ && arrived(sums_[finished_])) ++finished_;
    if (finished_ == begun_) begun_ = handed_out_ = finished_ = 0;
  }
  bool done() const { return begun_ == 0; }

 private:
  struct Sum {
    explicit Sum(std::size_t ranks) : counts(ranks), begins(ranks), part_counts(ranks), part_begins(ranks) {}
    ShareOfRanks share;
    std::byte* x = nullptr;
    std::size_t bytes = 0;  ///< of an element
    void (*add)(Sum&, std::size_t rank) = nullptr;
    Buffer<double> parts;  ///< this rank's piece of everybody
    std::vector<int> counts, begins, part_counts, part_begins;
    MPI_Request request = MPI_REQUEST_NULL;
  };

  void exchange(Sum& s) {
    const int mine = in_bytes(s, s.share.size(rank_));
    s.parts.reserve_at_least(static_cast<Index>((static_cast<std::size_t>(mine) * ranks_ + 7) / sizeof(double)));
    for (std::size_t r = 0; r < ranks_; ++r) {
      s.counts[r] = in_bytes(s, s.share.size(r)), s.begins[r] = in_bytes(s, s.share.begin(r));
      s.part_counts[r] = mine, s.part_begins[r] = mine * static_cast<int>(r);
    }
    check_mpi(MPI_Ialltoallv(s.x, s.counts.data(), s.begins.data(), MPI_BYTE, s.parts.data(), s.part_counts.data(),
                             s.part_begins.data(), MPI_BYTE, half_[0], &s.request),
              "MpiSums");
  }
  void hand_out(Sum& s) {
    check_mpi(MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_BYTE, s.x, s.counts.data(), s.begins.data(), MPI_BYTE, half_[1],
                              &s.request),
              "MpiSums");
  }
  static bool arrived(Sum& s) {
    int done = 0;
    check_mpi(MPI_Test(&s.request, &done, MPI_STATUS_IGNORE), "MpiSums");
    return done != 0;
  }
  static int in_bytes(const Sum& s, std::size_t count) { return static_cast<int>(count * s.bytes); }

  std::array<MPI_Comm, 2> half_{MPI_COMM_NULL, MPI_COMM_NULL};
  std::size_t rank_ = 0, ranks_ = 1;
  std::deque<Sum> sums_;
  std::size_t begun_ = 0, handed_out_ = 0, finished_ = 0;  ///< of sums_, in their order
};

}  // namespace sseg
