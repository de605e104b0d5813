#include "cuda/double/nccl_rank.hpp"

#include <chrono>
#include <cstring>
#include <map>
#include <thread>
#include <utility>

namespace cuda_double {
namespace {

void answer_in_progress() { throw Refusal<ncclResult_t>{ncclInProgress, "not done yet"}; }

/// A message as bytes: to whom, how long, what.
void append(Bytes& out, const NcclMessage& m) {
  const std::size_t header[2] = {static_cast<std::size_t>(m.peer), m.bytes};
  const Bytes first = copy_of(header, sizeof header), then = copy_of(m.from, m.bytes);
  out.insert(out.end(), first.begin(), first.end());
  out.insert(out.end(), then.begin(), then.end());
}
/// The messages to `rank` in what another one has sent, in order.
std::vector<Bytes> messages_to(int rank, const Bytes& sent) {
  std::vector<Bytes> out;
  for (std::size_t at = 0; at < sent.size();) {
    std::size_t header[2];
    std::memcpy(header, sent.data() + at, sizeof header);
    at += sizeof header;
    if (header[0] == static_cast<std::size_t>(rank)) out.push_back(copy_of(sent.data() + at, header[1]));
    at += header[1];
  }
  return out;
}

}  // namespace

NcclRank::NcclRank(const ncclUniqueId& id, int ranks, int rank, bool blocks)
    : clique_(NcclClique::of(id.internal, ranks)),
      link_(std::make_shared<NcclLink>(id.internal, ranks, rank)),
      rank_(rank),
      device_(current_device()),
      blocks_(blocks) {
  clique_->come();
}

void NcclRank::join(Stream& s, NcclCall call) {
  demand(!finalized_, "the communicator is finalized");
  demand(s.device == device_, "the stream is of another device than the rank");
  bool first = !std::exchange(worked_, true);
  if (s.capture) {
    if (s.capture != capture_.lock()) {
      capture_ = s.capture;
      captured_ = 0, ++captures_;
      first = true;
    }
    call.kind += ", number " + std::to_string(++captured_) + " of its capture " + std::to_string(captures_);
    if (!blocks_ && first) s.capture->in_progress.insert(this);
  }
  const std::string kind = call.kind;
  world().streams.push_given(
      s, kind,
      [this, call = std::move(call)](Stream& to) -> std::function<void()> {
        if (clique_->all_in_this_process()) return clique_->give(rank_, call, to.tail);
        return [link = link_, call, rank = rank_] { link->carry(call, rank); };
      },
      s.capture ? in_graphs_ : nullptr);
  if (!blocks_ && first) {
    in_progress_ = 1;
    answer_in_progress();
  }
}

void NcclRank::add_to_group(Stream& stream, NcclMessage m) {
  demand(m.peer >= 0 && m.peer < ranks(), "no such peer");
  demand(group_.empty() || group_stream_ == &stream, "the double has one stream for a group");
  group_stream_ = &stream;
  group_.push_back(m);
}

/// The sends and receives of a group, in which all ranks take part.
void NcclRank::join_group() {
  const std::vector<NcclMessage> messages = std::exchange(group_, {});
  NcclCall call{"a group of sends and receives", {}, {}};
  call.send = [messages] {
    Bytes out;
    for (const NcclMessage& m : messages)
      if (m.from != nullptr) append(out, m);
    return out;
  };
  call.receive = [messages, rank = rank_](const std::vector<Bytes>& all) {
    std::map<int, std::size_t> taken;
    for (const NcclMessage& m : messages) {
      if (m.to == nullptr) continue;
      const std::vector<Bytes> sent = messages_to(rank, all[static_cast<std::size_t>(m.peer)]);
      const std::size_t next = taken[m.peer]++;
      demand(next < sent.size() && sent[next].size() == m.bytes,
             "rank " + std::to_string(m.peer) + " does not send what rank " + std::to_string(rank) + " receives");
      std::memcpy(m.to, sent[next].data(), m.bytes);
    }
  };
  join(*group_stream_, std::move(call));
}

void NcclRank::demand_no_graphs() const {
  demand(!in_graphs(), "graphs have calls of this communicator: NCCL would wait for ever until they are destroyed");
}

void NcclRank::finalize() {
  demand_no_graphs();
  finalized_ = true;
  if (blocks_) return;
  in_progress_ = 1;
  answer_in_progress();
}

void NcclRank::abort() {
  link_->abort();
  const auto begin = std::chrono::steady_clock::now();
  while (in_graphs()) {
    if (std::chrono::steady_clock::now() - begin > std::chrono::seconds(30)) demand_no_graphs();
    world().mutex.unlock();  // so that another thread may destroy them
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    world().mutex.lock();
  }
}

ncclResult_t NcclRank::state() {
  const bool waits = !blocks_ && !link_->all_here();
  const ncclResult_t now = link_->broken() ? ncclRemoteError : waits || in_progress_ > 0 ? ncclInProgress : ncclSuccess;
  if (!waits && in_progress_ > 0 && --in_progress_ == 0)
    if (const auto capture = capture_.lock()) capture->in_progress.erase(this);
  return now;
}

}  // namespace cuda_double
