#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <type_traits>

#include "sseg/concepts/communicator.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/parallel.hpp"
#include "sseg/dist/mpi_library.hpp"
#include "sseg/dist/mpi_sums.hpp"

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
    check_mpi(MPI_Initialized(&running), "Mpi");
    owns_ = running == 0;
    if (owns_) check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given), "Mpi");
    check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &comm_), "Mpi");
    check_mpi(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "Mpi");
    check_mpi(MPI_Comm_rank(comm_, &rank_), "Mpi");
    check_mpi(MPI_Comm_size(comm_, &size_), "Mpi");
    sums_.emplace(comm_);
  }
  Mpi(const Mpi&) = delete;
  Mpi& operator=(const Mpi&) = delete;
  /// Where an exception is on its way, the other ranks may be waiting for this one: then all are ended.
  ~Mpi() {
    if (broken_ || std::uncaught_exceptions() > unwinding_) MPI_Abort(comm_, 1);
    sums_.reset();
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
      if (part.size_bytes() <= small_bytes) {
        reduce_everywhere(part);
      } else {
        begin_sum(part);
        end_sums();
      }
      x = x.subspan(part.size());
    }
  }
  /// all_reduce(x) that goes on while the program does something else: nobody may touch x until `end_sums`. Any number
  /// may be under way; other members may be called meanwhile, in the same order on all ranks. The same bits.
  template <class T>
  requires std::is_floating_point_v<T>
  void begin_sum(std::span<T> x) {
    if (size_ == 1 || x.empty()) return;
    require(x.size_bytes() < most_bytes, "a message is too long for MPI", "Mpi::begin_sum", "sum less at a time");
    traffic_.bytes += static_cast<Index>(sums_->begin(x));
    traffic_.calls += 2;
    sums_->progress();
  }
  /// Gives the sums under way some time: MPI moves nothing by itself.
  void progress_sums() { sums_->progress(); }
  /// Returns when no sum is under way.
  void end_sums() {
    wait_until("Mpi::all_reduce", [this] {
      sums_->progress();
      return sums_->done();
    });
  }

  template <class T>
  void broadcast(std::span<T> x) {
    if (size_ == 1) return;
    auto bytes = std::as_writable_bytes(x);
    while (!bytes.empty()) {
      const auto part = bytes.first(std::min(bytes.size(), bucket_bytes));
      MPI_Request request{};
      check_mpi(MPI_Ibcast(part.data(), as_int(part.size()), MPI_BYTE, 0, comm_, &request), "Mpi::broadcast");
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
    check_mpi(MPI_Iallgather(mine.data(), bytes, MPI_BYTE, all.data(), bytes, MPI_BYTE, comm_, &request),
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
    add_in_order(x.data(), all.data(), x.size(), x.size(), static_cast<std::size_t>(size_));
  }

  template <class T>
  std::span<T> room(std::size_t count) {
    space_.reserve_at_least(static_cast<Index>((count * sizeof(T) + sizeof(double) - 1) / sizeof(double)));
    return {reinterpret_cast<T*>(space_.data()), count};
  }
  static int as_int(std::size_t n) { return static_cast<int>(n); }
  Index to_others(std::size_t bytes) const { return static_cast<Index>(bytes) * (size_ - 1); }

  void wait(MPI_Request& request, const char* where, Index bytes) {
    wait_until(where, [&] {
      int done = 0;
      check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), where);
      return done != 0;
    });
    ++traffic_.calls;
    traffic_.bytes += bytes;
  }
  /// Rank 0 alone may take its time to write a file: patience decides, not speed.
  template <class F>
  void wait_until(const char* where, F&& done) {
    const auto begin = Clock::now();
    double waited = 0;
    for (Index looks = 1; !done(); ++looks) {
      if (looks < 256) continue;
      waited = std::chrono::duration<double>(Clock::now() - begin).count();
      if (waited > options_.timeout) give_up(where);
      if (waited > 0.1)
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      else
        std::this_thread::yield();
    }
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
  std::optional<MpiSums> sums_;
  Buffer<double> space_;
  MpiTraffic traffic_;
};

}  // namespace sseg
