#pragma once
#include <cstddef>

#include "sseg/backend/cuda/device.hpp"
#include "sseg/backend/cuda/event.hpp"
#include "sseg/dist/nccl_comm.hpp"
#include "sseg/dist/share_of_ranks.hpp"

namespace sseg {

/// Notes messages of NCCL on a tape. They run on a stream `beside` that of the tape, from `fork` to `join`. Everything
/// is sent as bytes. What it is given must outlive the tape, and the graphs that are made of it.
class NcclNotes {
  using Words = cuda::Tape::Words;

 public:
  NcclNotes(cuda::Tape& tape, NcclComm& comm, const cuda::Stream& beside, const char* where)
      : tape_(&tape), comm_(&comm), beside_(&beside), where_(where) {}

  /// What follows beside comes after what the tape has so far.
  void fork(cuda::Event& ready) const {
    tape_->note(
        [](const cuda::Stream& stream, Words w) {
          auto& event = *w.next<cuda::Event*>();
          event.record(stream);
          event.hold_back(*w.next<const cuda::Stream*>());
        },
        &ready, beside_);
  }
  /// What follows on the tape comes after everything beside.
  void join(cuda::Event& done) const {
    tape_->note(
        [](const cuda::Stream& stream, Words w) {
          auto& event = *w.next<cuda::Event*>();
          event.record(*w.next<const cuda::Stream*>());
          event.hold_back(stream);
        },
        &done, beside_);
  }

  /// all ← x of rank 0, of rank 1 …
  void all_gather(const void* x, void* all, std::size_t bytes) const {
    note(
        [](const To& to, Words w) {
          const auto* const from = w.next<const void*>();
          auto* const into = w.next<void*>();
          to.answered(ncclAllGather(from, into, w.next<std::size_t>(), ncclUint8, to.comm.get(), to.beside.get()));
        },
        x, all, bytes);
  }
  /// x ← that of the first rank.
  void broadcast(void* x, std::size_t bytes) const {
    note(
        [](const To& to, Words w) {
          auto* const at = w.next<void*>();
          to.answered(ncclBroadcast(at, at, w.next<std::size_t>(), ncclUint8, 0, to.comm.get(), to.beside.get()));
        },
        x, bytes);
  }
  /// parts ← this rank's piece of `x` of rank 0, of rank 1 …; `size`: bytes of an element.
  void collect(void* x, const ShareOfRanks& share, std::size_t size, void* parts) const {
    note(&play_collect, x, share.count, size, parts);
  }
  /// Every rank's piece of `x` ← that of the rank.
  void hand_out(void* x, const ShareOfRanks& share, std::size_t size) const {
    note(&play_hand_out, x, share.count, size);
  }

 private:
  /// Whom a message goes to, and on which stream.
  struct To {
    NcclComm& comm;
    const cuda::Stream& beside;
    const char* where;
    void answered(ncclResult_t result) const { comm.answered(result, where); }
  };
  using PlayMessage = void (*)(const To&, Words);

  /// Several messages at once. One that is not ended ends without its messages.
  class Group {
   public:
    explicit Group(const To& to) : to_(to) { to.answered(ncclGroupStart()); }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    ~Group() {
      if (!ended_) (void)ncclGroupEnd();
    }
    void send(const std::byte* from, std::size_t bytes, std::size_t peer) const {
      if (bytes == 0) return;
      to_.answered(ncclSend(from, bytes, ncclUint8, static_cast<int>(peer), to_.comm.get(), to_.beside.get()));
    }
    void receive(std::byte* into, std::size_t bytes, std::size_t peer) const {
      if (bytes == 0) return;
      to_.answered(ncclRecv(into, bytes, ncclUint8, static_cast<int>(peer), to_.comm.get(), to_.beside.get()));
    }
    void end() {
      ended_ = true;
      to_.answered(ncclGroupEnd());
    }

   private:
    const To& to_;
    bool ended_ = false;
  };

  /// The pieces of an array, in bytes.
  struct Pieces {
    std::byte* x;
    ShareOfRanks share;
    std::size_t size;

    Pieces(Words& w, const NcclComm& comm)
        : x(w.next<std::byte*>()), share{w.next<std::size_t>(), comm.size()}, size(w.next<std::size_t>()) {}
    std::byte* at(std::size_t rank) const { return x + share.begin(rank) * size; }
    std::size_t bytes(std::size_t rank) const { return share.size(rank) * size; }
  };

  static void play_collect(const To& to, Words w) {
    const Pieces pieces(w, to.comm);
    auto* const parts = w.next<std::byte*>();
    const std::size_t me = to.comm.rank(), own = pieces.bytes(me);
    Group group(to);
    for (std::size_t r = 0; r < pieces.share.ranks; ++r) {
      if (r == me) continue;
      group.send(pieces.at(r), pieces.bytes(r), r);
      group.receive(parts + r * own, own, r);
    }
    group.end();
    if (own > 0)
      cuda::check(cudaMemcpyAsync(parts + me * own, pieces.at(me), own, cudaMemcpyDeviceToDevice, to.beside.get()),
                  "cudaMemcpyAsync on the device");
  }
  static void play_hand_out(const To& to, Words w) {
    const Pieces pieces(w, to.comm);
    const std::size_t me = to.comm.rank();
    Group group(to);
    for (std::size_t r = 0; r < pieces.share.ranks; ++r) {
      if (r == me) continue;
      group.send(pieces.at(me), pieces.bytes(me), r);
      group.receive(pieces.at(r), pieces.bytes(r), r);
    }
    group.end();
  }

  template <class... A>
  void note(PlayMessage play, const A&... arguments) const {
    tape_->note(&play_message, play, comm_, beside_, where_, arguments...);
  }
  static void play_message(const cuda::Stream&, Words w) {
    const auto play = w.next<PlayMessage>();
    auto& comm = *w.next<NcclComm*>();
    const auto& beside = *w.next<const cuda::Stream*>();
    const To to{comm, beside, w.next<const char*>()};
    comm.give(beside, to.where, [&] { play(to, w); });
  }

  cuda::Tape* tape_;
  NcclComm* comm_;
  const cuda::Stream* beside_;
  const char* where_;
};

}  // namespace sseg
