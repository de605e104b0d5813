#pragma once
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "sseg/backend/cuda/device.hpp"
#include "sseg/backend/cuda/queue_elementwise.hpp"
#include "sseg/concepts/communicator.hpp"
#include "sseg/dist/nccl_comm.hpp"
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
/// A rank that is lost or silent is told by an Error (NcclComm). To be used by one thread. Keeps references to both.
template <Communicator Host>
requires std::is_same_v<typename Host::Space, HostSpace>
class Nccl {
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
        }) {}

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
    go("Nccl::all_reduce", [&](ncclComm_t comm) {
      if (everywhere)
        reduce_everywhere(comm, x, parts);
      else
        reduce_by_owners(comm, x, parts, share);
    });
  }
  /// NCCL needs no help.
  void progress_sums() {}
  /// What the device does from now on comes after all sums under way; the host does not wait.
  void end_sums() {
    if (!std::exchange(under_way_, false)) return;
    done_.record(stream_);
    done_.hold_back(device_->stream());
  }

  template <class T>
  void broadcast(std::span<T> x) {
    if (size() == 1 || x.empty()) return;
    go("Nccl::broadcast", [&](ncclComm_t comm) {
      comm_.answered(ncclBroadcast(x.data(), x.data(), x.size(), type_of(x.data()), 0, comm, stream_.get()));
    });
    end_sums();
  }
  /// Throws: Error also when `all` has not room for size() times `mine`.
  template <class T>
  void all_gather(std::span<const T> mine, std::span<T> all) {
    require(all.size() == mine.size() * ranks(), "there is no room for what is gathered", "Nccl::all_gather",
            "give as many elements as one rank has, times the ranks");
    if (mine.empty()) return;
    go("Nccl::all_gather", [&](ncclComm_t comm) {
      comm_.answered(ncclAllGather(mine.data(), all.data(), mine.size(), type_of(mine.data()), comm, stream_.get()));
    });
    end_sums();
  }

 private:
  static constexpr std::size_t small_bytes = std::size_t{1} << 13;  ///< one message is then faster than two

  /// Several messages at once. One that is not ended ends without its messages.
  class Group {
   public:
    explicit Group(NcclComm& comm) : comm_(comm) { comm_.answered(ncclGroupStart()); }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    ~Group() {
      if (!ended_) (void)ncclGroupEnd();
    }
    void end() {
      ended_ = true;
      comm_.answered(ncclGroupEnd());
    }

   private:
    NcclComm& comm_;
    bool ended_ = false;
  };

  std::size_t ranks() const { return static_cast<std::size_t>(size()); }
  static constexpr ncclDataType_t type_of(const float*) { return ncclFloat32; }
  static constexpr ncclDataType_t type_of(const double*) { return ncclFloat64; }
  static constexpr ncclDataType_t type_of(const std::byte*) { return ncclUint8; }

  int make_current(const NcclOptions& options) const {
    require(options.timeout > 0, "a time-out must be positive", "Nccl", "give seconds, for example 600");
    device_->make_current();
    return device_->facts().ordinal;
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

  /// Everything runs on one stream, after what the device has been given so far.
  template <class F>
  void go(const char* where, F&& queue) {
    device_->make_current();
    device_->work().flush();
    ready_.record(device_->stream());
    ready_.hold_back(stream_);
    under_way_ = true;
    comm_.give(stream_, where, std::forward<F>(queue));
  }
  template <class T>
  T* room(std::size_t count) {
    const auto bytes = static_cast<Index>(count * sizeof(T));
    if (bytes > parts_.size()) end_sums();  // nobody else may have the old room before
    parts_.reserve_at_least(device_->pool(), bytes);
    return reinterpret_cast<T*>(parts_.data());
  }

  /// Every rank gets all parts and adds them itself.
  template <class T>
  void reduce_everywhere(ncclComm_t comm, std::span<T> x, T* parts) {
    comm_.answered(ncclAllGather(x.data(), parts, x.size(), type_of(parts), comm, stream_.get()));
    add(x.data(), parts, x.size());
  }
  /// Rank r gets everybody's r-th piece, adds them, and hands the sum to all.
  template <class T>
  void reduce_by_owners(ncclComm_t comm, std::span<T> x, T* parts, const ShareOfRanks& share) {
    const auto me = static_cast<std::size_t>(rank());
    T* const mine = x.data() + share.begin(me);
    const std::size_t count = share.size(me);
    const auto exchange = [&](auto&& sent, auto&& received) {
      Group group(comm_);
      for (std::size_t r = 0; r < ranks(); ++r) {
        if (r == me) continue;
        const auto [from, sent_count] = sent(r);
        const auto [to, received_count] = received(r);
        const int peer = static_cast<int>(r);
        if (sent_count > 0) comm_.answered(ncclSend(from, sent_count, type_of(parts), peer, comm, stream_.get()));
        if (received_count > 0) comm_.answered(ncclRecv(to, received_count, type_of(parts), peer, comm, stream_.get()));
      }
      group.end();
    };
    const auto piece = [&](std::size_t r) { return std::pair(x.data() + share.begin(r), share.size(r)); };
    exchange(piece, [&](std::size_t r) { return std::pair(parts + r * count, count); });
    if (count > 0)
      cuda::check(cudaMemcpyAsync(parts + me * count, mine, count * sizeof(T), cudaMemcpyDeviceToDevice, stream_.get()),
                  "cudaMemcpyAsync on the device");
    add(mine, parts, count);
    exchange([&](std::size_t) { return std::pair(mine, count); }, piece);
  }
  template <class T>
  void add(T* sum, const T* parts, std::size_t count) {
    const auto n = static_cast<Index>(count);
    using Kernel =
        std::conditional_t<std::is_same_v<T, float>, cuda::kernel::add_ranks, cuda::kernel::add_ranks_double>;
    device_->launch_on<Kernel>(stream_, cuda::blocks_of(n), parts, sum, n, n, Index{size()});
  }

  cuda::Device* device_;
  Host* host_;
  int ordinal_;  ///< of the device, which is current from here on
  cuda::Stream stream_;
  cuda::Event ready_, done_;
  cuda::DeviceArray<char> parts_;
  bool under_way_ = false;
  NcclComm comm_;  ///< last, so that it goes first, and nothing waits for others any more
};

}  // namespace sseg
