#pragma once
// The only door to MPI, version 3 or newer. Without CMake: mpicxx -std=c++20 -I include program.cpp
#define OMPI_SKIP_MPICXX 1   // NOLINT(readability-identifier-naming): without the old C++ bindings
#define MPICH_SKIP_MPICXX 1  // NOLINT(readability-identifier-naming)
#include <mpi.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <thread>
#include <type_traits>

#include "sseg/concepts/communicator.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"

namespace sseg {

/// How an Mpi communicator works.
struct MpiOptions {
  double timeout = 600;  ///< seconds that a call waits for the other ranks before it throws
};

/// What a rank has handed to others, and how long it waited for them.
struct MpiTraffic {
  Index calls = 0;
  Index bytes = 0;  ///< of payload, sent to all others together
  double seconds = 0;
};

/// All processes that mpirun or srun has started, over MPI; without either, one rank. Starts MPI unless the program has
/// done so, and then ends it too. Sums are made by us, not by MPI, in the order of the ranks and in double: the same
/// bits every time, on every rank, whatever the network. To be used by one thread.
/// An error that not all ranks share would leave the others waiting: run the program's work in `guard`.
class Mpi {
 public:
  using Space = HostSpace;

  /// Throws: Error when MPI does not start, or the time-out is not positive.
  explicit Mpi(const MpiOptions& options = {}) : options_(options), unwinding_(std::uncaught_exceptions()) {
    require(options.timeout > 0, "a time-out must be positive", "Mpi", "give seconds, for example 600");
    int running = 0, given = 0;
    check(MPI_Initialized(&running), "Mpi");
    owns_ = running == 0;
    if (owns_) check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given), "Mpi");
    check(MPI_Comm_dup(MPI_COMM_WORLD, &comm_), "Mpi");
    check(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "Mpi");
    check(MPI_Comm_rank(comm_, &rank_), "Mpi");
    check(MPI_Comm_size(comm_, &size_), "Mpi");
  }
  Mpi(const Mpi&) = delete;
  Mpi& operator=(const Mpi&) = delete;
  /// Where an exception is on its way, the other ranks may be waiting for this one: then all are ended.
  ~Mpi() {
    if (broken_ || std::uncaught_exceptions() > unwinding_) MPI_Abort(comm_, 1);
    MPI_Comm_free(&comm_);
    if (owns_) MPI_Finalize();
  }

  int rank() const { return rank_; }
  int size() const { return size_; }
  const MpiTraffic& traffic() const { return traffic_; }

  /// body(), an exit code. An exception is printed with the rank's number and ends all ranks with exit code 1.
  template <class F>
  int guard(F&& body) {
    try {
      return body();
    } catch (const std::exception& e) {
      std::fprintf(stderr, "rank %d of %d: %s\n", rank_, size_, e.what());
      std::fflush(stderr);
      if (size_ > 1) MPI_Abort(comm_, 1);
    }
    return 1;
  }

  template <class T>
  requires std::is_floating_point_v<T>
  void all_reduce(std::span<T> x) {
    if (size_ == 1) return;
    while (!x.empty()) {
      const auto part = x.first(std::min(x.size(), bucket_bytes / sizeof(T)));
      if (part.size_bytes() <= small_bytes)
        reduce_everywhere(part);
      else
        reduce_by_owners(part);
      x = x.subspan(part.size());
    }
  }

  template <class T>
  void broadcast(std::span<T> x) {
    if (size_ == 1) return;
    auto bytes = std::as_writable_bytes(x);
    while (!bytes.empty()) {
      const auto part = bytes.first(std::min(bytes.size(), bucket_bytes));
      MPI_Request request{};
      check(MPI_Ibcast(part.data(), as_int(part.size()), MPI_BYTE, 0, comm_, &request), "Mpi::broadcast");
      wait(request, "Mpi::broadcast", rank_ == 0 ? to_others(part.size()) : 0);
      bytes = bytes.subspan(part.size());
    }
  }

  /// Throws: Error also when `all` has not room for size() times `mine`.
  template <class T>
  void all_gather(std::span<const T> mine, std::span<T> all) {
    require(all.size() == mine.size() * static_cast<std::size_t>(size_), "there is no room for what is gathered",
            "Mpi::all_gather", "give as many elements as one rank has, times the ranks");
    require(mine.size_bytes() < most_bytes / static_cast<std::size_t>(size_), "a message is too long for MPI",
            "Mpi::all_gather", "gather less at a time");
    MPI_Request request{};
    const int bytes = as_int(mine.size_bytes());
    check(MPI_Iallgather(mine.data(), bytes, MPI_BYTE, all.data(), bytes, MPI_BYTE, comm_, &request),
          "Mpi::all_gather");
    wait(request, "Mpi::all_gather", to_others(mine.size_bytes()));
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t bucket_bytes = std::size_t{1} << 22;  ///< bounds the workspace
  static constexpr std::size_t small_bytes = std::size_t{1} << 13;   ///< one message is then faster than two
  static constexpr std::size_t most_bytes = std::size_t{1} << 31;

  /// Every rank gets all parts and adds them itself.
  template <class T>
  void reduce_everywhere(std::span<T> x) {
    const std::span<T> all = room<T>(x.size() * static_cast<std::size_t>(size_));
    all_gather(std::span<const T>(x), all);
    add_in_order(x, all);
  }

  /// Rank r gets everybody's r-th piece, adds them, and hands the sum to all: 2·(k − 1)/k of the bytes leave a rank,
  /// the least that any algorithm needs.
  template <class T>
  void reduce_by_owners(std::span<T> x) {
    const auto k = static_cast<std::size_t>(size_);
    const std::size_t piece = (x.size() + k - 1) / k;
    const std::span<T> sent = room<T>(3 * piece * k).first(piece * k);
    const std::span<T> got{sent.data() + piece * k, piece * k};
    std::copy(x.begin(), x.end(), sent.begin());
    std::fill(sent.begin() + static_cast<std::ptrdiff_t>(x.size()), sent.end(), T{});
    const int bytes = as_int(piece * sizeof(T));
    MPI_Request request{};
    check(MPI_Ialltoall(sent.data(), bytes, MPI_BYTE, got.data(), bytes, MPI_BYTE, comm_, &request), "Mpi::all_reduce");
    wait(request, "Mpi::all_reduce", to_others(piece * sizeof(T)));
    const std::span<T> sum{got.data() + piece * k, piece};
    add_in_order(sum, got);
    all_gather(std::span<const T>(sum), sent);
    std::copy_n(sent.begin(), x.size(), x.begin());
  }

  /// out ← Σ_r (part r of all), in double, by rank.
  template <class T>
  void add_in_order(std::span<T> out, std::span<T> all) const {
    for (std::size_t i = 0; i < out.size(); ++i) {
      double sum = 0;
      for (std::size_t r = 0; r < static_cast<std::size_t>(size_); ++r)
        sum += static_cast<double>(all[r * out.size() + i]);
      out[i] = static_cast<T>(sum);
    }
  }

  template <class T>
  std::span<T> room(std::size_t count) {
    space_.reserve_at_least(static_cast<Index>((count * sizeof(T) + sizeof(double) - 1) / sizeof(double)));
    return {reinterpret_cast<T*>(space_.data()), count};
  }
  static int as_int(std::size_t n) { return static_cast<int>(n); }
  Index to_others(std::size_t bytes) const { return static_cast<Index>(bytes) * (size_ - 1); }

  static void check(int code, const char* where) {
    if (code == MPI_SUCCESS) return;
    char text[MPI_MAX_ERROR_STRING + 1] = {};
    int length = 0;
    MPI_Error_string(code, text, &length);
    throw Error("MPI: " + std::string(text, static_cast<std::size_t>(length)), where,
                "see what mpirun says of the other ranks; the last checkpoint resumes");
  }

  /// Until the request is done. Rank 0 alone may take its time to write a file: patience decides, not speed.
  void wait(MPI_Request& request, const char* where, Index bytes) {
    const auto begin = Clock::now();
    double waited = 0;
    for (Index looks = 1;; ++looks) {
      int done = 0;
      check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), where);
      if (done != 0) break;
      if (looks < 256) continue;
      waited = std::chrono::duration<double>(Clock::now() - begin).count();
      if (waited > options_.timeout) give_up(where);
      if (waited > 0.1)
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      else
        std::this_thread::yield();
    }
    ++traffic_.calls;
    traffic_.bytes += bytes;
    traffic_.seconds += std::chrono::duration<double>(Clock::now() - begin).count();
  }
  [[noreturn]] void give_up(const char* where) {
    broken_ = true;
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%g", options_.timeout);
    throw Error("no answer from the other ranks for " + std::string(seconds) + " s", where,
                "look for a rank that was stopped or lost its machine; where ranks may be so slow, raise the time-out");
  }

  MpiOptions options_;
  int unwinding_;
  bool owns_ = false, broken_ = false;
  MPI_Comm comm_ = MPI_COMM_NULL;
  int rank_ = 0, size_ = 1;
  Buffer<double> space_;
  MpiTraffic traffic_;
};

}  // namespace sseg
