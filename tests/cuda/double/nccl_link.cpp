#include "cuda/double/nccl_link.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>

#include "cuda/double/world.hpp"

namespace cuda_double {
namespace {

constexpr std::size_t slot_bytes = std::size_t{1} << 16;
constexpr std::chrono::seconds patience{120};

}  // namespace

struct NcclLink::Shared {
  std::atomic<int> here, broken;
  std::array<std::atomic<long>, most_ranks> arrived;  ///< how often
  std::array<std::size_t, most_ranks> length;
  std::byte slot[most_ranks][slot_bytes];
};

NcclLink::NcclLink(const std::string& id, int ranks, int rank) : name_("/sseg_" + id), ranks_(ranks), rank_(rank) {
  demand(ranks <= most_ranks, "the double has at most 8 ranks");
  std::replace(name_.begin() + 1, name_.end(), ' ', '_');
  const int file = shm_open(name_.c_str(), O_CREAT | O_RDWR, 0600);
  demand(file >= 0 && ftruncate(file, sizeof(Shared)) == 0, "no shared memory for the ranks: " + name_);
  void* const at = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  demand(at != MAP_FAILED, "shared memory cannot be mapped");
  shared_ = static_cast<Shared*>(at);  // zeros: all counts begin there
  if (++shared_->here == ranks_) shm_unlink(name_.c_str());
}

NcclLink::~NcclLink() {
  if (!all_here()) shm_unlink(name_.c_str());
  munmap(shared_, sizeof(Shared));
}

bool NcclLink::all_here() const { return shared_->here >= ranks_; }
bool NcclLink::broken() const { return shared_->broken != 0; }
void NcclLink::abort() {
  aborted_ = true;
  shared_->broken = 1;
}

bool NcclLink::all_arrive() {
  if (aborted_) return false;
  const long mine = ++shared_->arrived[static_cast<std::size_t>(rank_)];
  const auto begin = std::chrono::steady_clock::now();
  const auto others_have = [&] {
    return std::all_of(shared_->arrived.begin(), shared_->arrived.begin() + ranks_,
                       [&](const std::atomic<long>& a) { return a >= mine; });
  };
  while (!others_have()) {
    if (aborted_) return false;
    demand(std::chrono::steady_clock::now() - begin < patience, "the other ranks do not come");
    world().mutex.unlock();  // so that another thread may look, and abort
    std::this_thread::sleep_for(std::chrono::microseconds(20));
    world().mutex.lock();
  }
  return true;
}

bool NcclLink::exchange(const std::vector<std::byte>& mine, std::vector<std::vector<std::byte>>& all) {
  const auto me = static_cast<std::size_t>(rank_), k = static_cast<std::size_t>(ranks_);
  shared_->length[me] = mine.size();
  if (!all_arrive()) return false;
  std::size_t longest = 0;
  all.resize(k);
  for (std::size_t r = 0; r < k; ++r) {
    all[r].resize(shared_->length[r]);
    longest = std::max(longest, all[r].size());
  }
  if (!all_arrive()) return false;
  const auto part = [](std::size_t size, std::size_t at) { return at < size ? std::min(slot_bytes, size - at) : 0; };
  for (std::size_t at = 0; at < longest; at += slot_bytes) {
    if (const std::size_t n = part(mine.size(), at); n > 0) std::memcpy(shared_->slot[me], mine.data() + at, n);
    if (!all_arrive()) return false;
    for (std::size_t r = 0; r < k; ++r)
      if (const std::size_t n = part(all[r].size(), at); n > 0) std::memcpy(all[r].data() + at, shared_->slot[r], n);
    if (!all_arrive()) return false;
  }
  return true;
}

void NcclLink::carry(const NcclCall& call, int rank) {
  std::vector<Bytes> kinds, all;
  const auto* const text = reinterpret_cast<const std::byte*>(call.kind.data());
  if (!exchange({text, text + call.kind.size()}, kinds)) return;
  for (const Bytes& kind : kinds) {
    const std::string other(reinterpret_cast<const char*>(kind.data()), kind.size());
    demand(other == call.kind, "rank " + std::to_string(rank) + " calls " + call.kind + ", another rank " + other);
  }
  if (exchange(call.send(), all)) call.receive(all);
}

}  // namespace cuda_double
