#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "sseg/backend/cuda/device.hpp"
#include "sseg/backend/cuda/queue_elementwise.hpp"
#include "sseg/concepts/communicator.hpp"
#include "sseg/dist/agreed_way.hpp"
#include "sseg/dist/nccl_comm.hpp"
#include "sseg/dist/nccl_notes.hpp"
#include "sseg/dist/share_of_ranks.hpp"

namespace sseg {

/// How an Nccl communicator works.
struct NcclOptions {
  double timeout = 600;  ///< seconds that work on the device may wait for the other ranks before the run fails
};

/// The ranks of another communicator, each with a GPU: tensors go from device to device, over NCCL. Spans lie in the
/// memory of `device`; work runs in the order of its stream, but on a stream beside it, where sums may go on while the
/// device does something else. `Host` brings NCCL's id, and serves what lies on the host (`host()`).
///   Mpi ranks;  Cuda cuda({.device = card_of_rank(ranks)});  Nccl nccl(cuda.device(), ranks);  Across across(cuda,
///   nccl);
/// Sums are made by kernels of ours, in the order of the ranks and in double, from what NCCL has carried: the bits of
/// `Mpi`, whatever the network and however they are cut. NCCL's own sums choose their order by size and topology.
/// Where the device's work is gathered (AsOne), messages are part of it, and of the CUDA graph that it becomes; ranks
/// then ask each other, over `Host`, whether all can do so (AgreedWay).
/// A rank that is lost or silent is told by an Error (NcclComm). To be used by one thread. Keeps references to both.
template <Communicator Host>
requires std::is_same_v<typename Host::Space, HostSpace>
class Nccl final : private cuda::Partners {
 public:
  using Space = DeviceSpace;

  /// All ranks call it, each with a device of its own. Throws: Error.
  Nccl(cuda::Device& device, Host& host, const NcclOptions& options = {})
      : device_(&device),
        host_(&host),
        ordinal_(make_current(options)),
        comm_(id_of_first(), host.rank(), host.size(), ordinal_, options.timeout, [&](bool ok) {
          double failed = ok ? 0 : 1;
          host.all_reduce(std::span<double>(&failed, 1));
          return failed == 0;
        }) {
    device.work().work_with(*this);
  }
  Nccl(const Nccl&) = delete;
  Nccl& operator=(const Nccl&) = delete;
  ~Nccl() override { device_->work().part(); }

  int rank() const { return std::as_const(*host_).rank(); }
  int size() const { return std::as_const(*host_).size(); }
  Host& host() { return *host_; }

  template <class T>
  requires std::is_floating_point_v<T>
  void all_reduce(std::span<T> x) {
    if (size() == 1 || x.empty()) return;
    begin_sum(x);
    end_sums();
  }
  /// all_reduce(x) that goes on beside the device's stream: nobody may touch x until `end_sums`. Any number may be
  /// under way; they run one after another, and other members' work after them.
  template <class T>
  requires std::is_floating_point_v<T>
  void begin_sum(std::span<T> x) {
    if (size() == 1 || x.empty()) return;
    const ShareOfRanks share{x.size(), ranks()};
    const bool everywhere = x.size_bytes() <= small_bytes;
    T* const parts = room<T>((everywhere ? x.size() : share.piece()) * ranks());
    go("Nccl::all_reduce", [&](cuda::Tape& tape, const NcclNotes& notes) {
      if (everywhere)
        reduce_everywhere(tape, notes, x, parts);
      else
        reduce_by_owners(tape, notes, x, parts, share);
    });
  }
  /// NCCL needs no help.
  void progress_sums() {}
  /// What the device does from now on comes after all sums under way; the host does not wait.
  void end_sums() {
    if (!std::exchange(under_way_, false)) return;
    if (cuda::Tape* const tape = device_->work().noting()) return notes_on(*tape, "Nccl").join(done_);
    once_.clear();
    notes_on(once_, "Nccl").join(done_);
    once_.play(device_->stream());
  }

  template <class T>
  void broadcast(std::span<T> x) {
    if (size() == 1 || x.empty()) return;
    go("Nccl::broadcast", [&](cuda::Tape&, const NcclNotes& notes) { notes.broadcast(x.data(), x.size_bytes()); });
    end_sums();
  }
  /// Throws: Error also when `all` has not room for size() times `mine`.
  template <class T>
  void all_gather(std::span<const T> mine, std::span<T> all) {
    require(all.size() == mine.size() * ranks(), "there is no room for what is gathered", "Nccl::all_gather",
            "give as many elements as one rank has, times the ranks");
    if (mine.empty()) return;
    go("Nccl::all_gather",
       [&](cuda::Tape&, const NcclNotes& notes) { notes.all_gather(mine.data(), all.data(), mine.size_bytes()); });
    end_sums();
  }

 private:
  static constexpr std::size_t small_bytes = std::size_t{1} << 13;  ///< one message is then faster than two

  std::size_t ranks() const { return static_cast<std::size_t>(size()); }

  int make_current(const NcclOptions& options) const {
    require(options.timeout > 0, "a time-out must be positive", "Nccl", "give seconds, for example 600");
    device_->work().demand_no_partners();
    demand_one_use_of_graphs();
    device_->make_current();
    return device_->facts().ordinal;
  }
  /// Ranks that gather their work ask each other about it.
  void demand_one_use_of_graphs() const {
    const auto mine = static_cast<std::byte>(device_->work().graphs().use());
    std::vector<std::byte> all(ranks());
    host_->all_gather(std::span<const std::byte>(&mine, 1), std::span<std::byte>(all));
    require(std::all_of(all.begin(), all.end(), [&](std::byte use) { return use == mine; }),
            "ranks differ in their use of CUDA graphs", "Nccl", "give all the same CudaOptions::graph (--cuda_graph)");
  }
  /// Made by the first rank, together with whether it could.
  ncclUniqueId id_of_first() {
    ncclUniqueId id{};
    ncclResult_t made = ncclSuccess;
    if (rank() == 0) made = ncclGetUniqueId(&id);
    std::array<std::byte, sizeof id + 1> message{};
    std::memcpy(message.data(), &id, sizeof id);
    message.back() = std::byte{made == ncclSuccess};
    host_->broadcast(std::span<std::byte>(message));
    check_nccl(made, "ncclGetUniqueId");
    require(message.back() == std::byte{1}, "NCCL: the first rank could not make an id", "Nccl",
            "see what rank 0 says");
    std::memcpy(&id, message.data(), sizeof id);
    return id;
  }

  /// Everything runs on one stream, after what the device has been given so far. Where work is noted, this is, too.
  template <class F>
  void go(const char* where, F&& note) {
    device_->make_current();
    cuda::Tape* const gathered = device_->work().noting();
    if (gathered == nullptr) once_.clear();
    cuda::Tape& tape = gathered != nullptr ? *gathered : once_;
    const NcclNotes notes = notes_on(tape, where);
    if (gathered != nullptr) comm_.demand_alive(where);
    notes.fork(ready_);
    note(tape, notes);
    under_way_ = true;
    if (gathered != nullptr)
      tape.count_message();
    else
      comm_.give(stream_, where, [&] { once_.play(device_->stream()); });
  }
  NcclNotes notes_on(cuda::Tape& tape, const char* where) { return {tape, comm_, stream_, where}; }

  Way agree(Way mine, std::uint64_t graph, std::size_t messages) override {
    return agreed_(*host_, mine, graph, messages);
  }
  bool all(bool here) override {
    double failed = here ? 0 : 1;
    host_->all_reduce(std::span<double>(&failed, 1));
    return failed == 0;
  }
  void join() override { end_sums(); }
  void watch_over(const std::function<void()>& give) override { comm_.give(device_->stream(), "Nccl", give); }
  void play(const std::function<void()>& play) override { comm_.play("Nccl", play); }
  void capture(const std::function<void()>& note) override { comm_.capture("Nccl", note); }

  template <class T>
  T* room(std::size_t count) {
    const auto bytes = static_cast<Index>(count * sizeof(T));
    if (bytes > parts_.size()) end_sums();  // nobody else may have the old room before
    parts_.reserve_at_least(device_->pool(), bytes);
    return reinterpret_cast<T*>(parts_.data());
  }

  /// Every rank gets all parts and adds them itself.
  template <class T>
  void reduce_everywhere(cuda::Tape& tape, const NcclNotes& notes, std::span<T> x, T* parts) {
    notes.all_gather(x.data(), parts, x.size_bytes());
    add(tape, x.data(), parts, x.size());
  }
  /// Rank r gets everybody's r-th piece, adds them, and hands the sum to all.
  template <class T>
  void reduce_by_owners(cuda::Tape& tape, const NcclNotes& notes, std::span<T> x, T* parts, const ShareOfRanks& share) {
    const auto me = static_cast<std::size_t>(rank());
    notes.collect(x.data(), share, sizeof(T), parts);
    add(tape, x.data() + share.begin(me), parts, share.size(me));
    notes.hand_out(x.data(), share, sizeof(T));
  }
  template <class T>
  void add(cuda::Tape& tape, T* sum, const T* parts, std::size_t count) {
    const auto n = static_cast<Index>(count);
    using Kernel =
        std::conditional_t<std::is_same_v<T, float>, cuda::kernel::add_ranks, cuda::kernel::add_ranks_double>;
    device_->note_on<Kernel>(tape, stream_, cuda::blocks_of(n), parts, sum, n, n, Index{size()});
  }

  cuda::Device* device_;
  Host* host_;
  int ordinal_;  ///< of the device, which is current from here on
  cuda::Stream stream_;
  cuda::Event ready_, done_;
  cuda::DeviceArray<char> parts_;
  bool under_way_ = false;
  cuda::Tape once_;
  AgreedWay agreed_;
  NcclComm comm_;  ///< last, so that it goes first, and nothing waits for others any more
};

}  // namespace sseg
