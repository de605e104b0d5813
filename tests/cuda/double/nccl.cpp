// The functions of NCCL that carry gradients. Ranks are threads of work in one process, each with a device and a stream
// of its own, of which all must have called before one waits; or processes, which then wait for each other as on
// devices. A communicator that does not block says ncclInProgress until all ranks are there, and once after its first
// work.
#include <nccl.h>
#include <unistd.h>

#include <cstring>
#include <optional>

#include "cuda/double/nccl_link.hpp"
#include "cuda/double/world.hpp"

using namespace cuda_double;

namespace {

using Bytes = std::vector<std::byte>;

/// One call that all ranks take part in: what a rank sends, and what becomes of everybody's.
struct Call {
  std::string kind;  ///< the function, how many values, and the root: the same on all ranks
  std::function<Bytes()> send;
  std::function<void(const std::vector<Bytes>&)> receive;
};

/// The parts of all ranks that one process has.
struct Meeting {
  std::vector<std::optional<Call>> calls;
  std::vector<MarkPtr> before;  ///< what each rank's stream had to do first
  bool done = false;
};

/// What the ranks of one id share in this process.
struct Clique {
  int ranks = 0, here = 0;
  std::vector<std::shared_ptr<Meeting>> meetings;
};

/// A message of a group.
struct Message {
  const void* from;
  void* to;
  std::size_t bytes;
  int peer;
};

struct Rank {
  std::shared_ptr<Clique> clique;
  std::shared_ptr<NcclLink> link;
  int rank = 0, device = 0;
  bool blocks = true, finalized = false;
  int in_progress = 0;     ///< so many answers that it is not done yet
  std::size_t called = 0;  ///< collectives so far
  std::vector<Message> group{};
  Stream* stream = nullptr;  ///< of the group
  bool worked = false;
};

std::map<std::string, std::weak_ptr<Clique>>& cliques() {
  static auto* const all = new std::map<std::string, std::weak_ptr<Clique>>;
  return *all;
}
int& group_depth() {
  thread_local int depth = 0;
  return depth;
}
bool& group_failed() {
  thread_local bool failed = false;
  return failed;
}
std::vector<Rank*>& in_group() {
  thread_local std::vector<Rank*> ranks;
  return ranks;
}

Rank& rank_of(ncclComm_t comm) {
  demand_object(comm, "ncclCommInitRank");
  return *reinterpret_cast<Rank*>(comm);
}

template <class Body>
ncclResult_t answer_nccl(const char* function, bool may_fail, Body body) {
  return answer(function, ncclSystemError, ncclInvalidArgument, ncclSuccess, may_fail, body);
}
void answer_in_progress() { throw Refusal<ncclResult_t>{ncclInProgress, "not done yet"}; }

std::size_t size_of(ncclDataType_t type) {
  switch (type) {
    case ncclFloat:
      return sizeof(float);
    case ncclDouble:
      return sizeof(double);
    case ncclInt8:
    case ncclUint8:
      return 1;
    default:
      throw Misuse("the double sends float, double and bytes");
  }
}

Bytes copy_of(const void* from, std::size_t bytes) {
  const auto* const at = static_cast<const std::byte*>(from);
  return {at, at + bytes};
}

/// All ranks are in this process: the first that comes to a call does it for all.
void meet(Meeting& m) {
  if (m.done) return;
  for (std::size_t r = 0; r < m.calls.size(); ++r)
    demand(m.calls[r].has_value(),
           m.calls[0].value_or(Call{"a collective", {}, {}}).kind + ": rank " + std::to_string(r) + " has not called");
  m.done = true;
  for (const MarkPtr& mark : m.before) world().streams.finish(mark);
  std::vector<Bytes> all;
  for (const auto& call : m.calls) all.push_back(call->send());
  for (const auto& call : m.calls) call->receive(all);
}
/// The other ranks are processes. Nothing comes of a call when this rank aborts.
void meet_others(NcclLink& link, const Call& call, int rank) {
  std::vector<Bytes> kinds, all;
  const auto* const text = reinterpret_cast<const std::byte*>(call.kind.data());
  if (!link.exchange({text, text + call.kind.size()}, kinds)) return;
  for (std::size_t r = 0; r < kinds.size(); ++r) {
    const std::string other(reinterpret_cast<const char*>(kinds[r].data()), kinds[r].size());
    demand(other == call.kind, "rank " + std::to_string(rank) + " calls " + call.kind + ", another rank " + other);
  }
  if (link.exchange(call.send(), all)) call.receive(all);
}

void join(Rank& me, Stream& s, Call call) {
  demand(!me.finalized, "the communicator is finalized");
  demand(s.device == me.device, "the stream is of another device than the rank");
  const std::string kind = call.kind;
  if (me.clique->here < me.clique->ranks) {
    world().streams.push(s, kind,
                         [link = me.link, call = std::move(call), rank = me.rank] { meet_others(*link, call, rank); });
  } else {
    auto& meetings = me.clique->meetings;
    if (meetings.size() <= me.called) {
      meetings.push_back(std::make_shared<Meeting>());
      meetings.back()->calls.resize(static_cast<std::size_t>(me.clique->ranks));
      meetings.back()->before.resize(static_cast<std::size_t>(me.clique->ranks));
    }
    const std::shared_ptr<Meeting> m = meetings[me.called++];
    for (const auto& other : m->calls)
      demand(!other || other->kind == kind,
             "rank " + std::to_string(me.rank) + " calls " + kind + ", another rank " + (other ? other->kind : ""));
    m->calls[static_cast<std::size_t>(me.rank)] = std::move(call);
    m->before[static_cast<std::size_t>(me.rank)] = s.tail;
    world().streams.push(s, kind, [m] { meet(*m); });
  }
  if (!me.blocks && !std::exchange(me.worked, true)) {
    me.in_progress = 1;
    answer_in_progress();
  }
}

void demand_outside_group(const char* what) {
  demand(group_depth() == 0, std::string("the double has only sends and receives in a group, not ") + what);
}

template <class T>
void add_up(const std::vector<Bytes>& all, void* to, std::size_t count, bool average) {
  std::vector<T> sum(count), part(count);
  for (const Bytes& one : all) {
    std::memcpy(part.data(), one.data(), count * sizeof(T));
    for (std::size_t i = 0; i < count; ++i) sum[i] += part[i];
  }
  if (average)
    for (T& v : sum) v /= static_cast<T>(all.size());
  std::memcpy(to, sum.data(), count * sizeof(T));
}

/// A message as bytes: to whom, how long, what.
void append(Bytes& out, const Message& m) {
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

/// The sends and receives of a group, in which all ranks take part.
void join_group(Rank& me) {
  const std::vector<Message> messages = std::exchange(me.group, {});
  Call call{"a group of sends and receives", {}, {}};
  call.send = [messages] {
    Bytes out;
    for (const Message& m : messages)
      if (m.from != nullptr) append(out, m);
    return out;
  };
  call.receive = [messages, rank = me.rank](const std::vector<Bytes>& all) {
    std::map<int, std::size_t> taken;
    for (const Message& m : messages) {
      if (m.to == nullptr) continue;
      const std::vector<Bytes> sent = messages_to(rank, all[static_cast<std::size_t>(m.peer)]);
      const std::size_t next = taken[m.peer]++;
      demand(next < sent.size() && sent[next].size() == m.bytes,
             "rank " + std::to_string(m.peer) + " does not send what rank " + std::to_string(rank) + " receives");
      std::memcpy(m.to, sent[next].data(), m.bytes);
    }
  };
  join(me, *me.stream, std::move(call));
}

void add_to_group(ncclComm_t comm, cudaStream_t stream, Message m, const char* what) {
  Rank& me = rank_of(comm);
  demand(group_depth() > 0, "the double has sends and receives only between ncclGroupStart and ncclGroupEnd");
  demand(m.peer >= 0 && m.peer < me.clique->ranks, "no such peer");
  demand_on_device(m.from != nullptr ? m.from : m.to, m.bytes, me.device, what);
  Stream& s = stream_of(stream);
  demand(me.group.empty() || me.stream == &s, "the double has one stream for a group");
  me.stream = &s;
  if (me.group.empty()) in_group().push_back(&me);
  me.group.push_back(m);
}

/// A call that fails takes its group with it.
template <class Body>
ncclResult_t in_group_or_failed(const char* function, Body body) {
  const ncclResult_t result = answer_nccl(function, true, body);
  if (result != ncclSuccess && group_depth() > 0) group_failed() = true;
  return result;
}

void init_rank(ncclComm_t* comm, int ranks, const ncclUniqueId& id, int rank, bool blocks) {
  demand(std::strncmp(id.internal, "double ", 7) == 0, "no id of ncclGetUniqueId");
  demand(rank >= 0 && rank < ranks, "no such rank");
  std::weak_ptr<Clique>& known = cliques()[id.internal];
  std::shared_ptr<Clique> clique = known.lock();
  if (!clique) known = clique = std::make_shared<Clique>(Clique{ranks, 0, {}});
  demand(clique->ranks == ranks, "ranks disagree on how many they are");
  auto link = std::make_shared<NcclLink>(id.internal, ranks, rank);
  ++clique->here;
  auto* const made = new Rank{clique, std::move(link), rank, current_device(), blocks};
  *comm = reinterpret_cast<ncclComm_t>(keep(made, "ncclCommInitRank"));
}

void release(ncclComm_t comm) {
  Rank* const rank = &rank_of(comm);
  forget_object(comm, "ncclCommInitRank");
  delete rank;
}

}  // namespace

extern "C" {

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  return answer_nccl(__func__, true, [&] {
    static int made = 0;
    *id = {};
    const std::string text = "double " + std::to_string(getpid()) + " " + std::to_string(++made);
    std::memcpy(id->internal, text.c_str(), text.size());
  });
}

ncclResult_t ncclCommInitRank(ncclComm_t* comm, int ranks, ncclUniqueId id, int rank) {
  return answer_nccl(__func__, true, [&] { init_rank(comm, ranks, id, rank, true); });
}

ncclResult_t ncclCommInitRankConfig(ncclComm_t* comm, int ranks, ncclUniqueId id, int rank, ncclConfig_t* config) {
  return answer_nccl(__func__, true, [&] {
    demand(config->magic == 0xcafebeef, "the configuration was not initialized");
    init_rank(comm, ranks, id, rank, config->blocking != 0);
    if (config->blocking == 0) answer_in_progress();
  });
}

ncclResult_t ncclCommFinalize(ncclComm_t comm) {
  return answer_nccl(__func__, true, [&] {
    Rank& me = rank_of(comm);
    me.finalized = true;
    if (me.blocks) return;
    me.in_progress = 1;
    answer_in_progress();
  });
}

ncclResult_t ncclCommDestroy(ncclComm_t comm) {
  return answer_nccl(__func__, false, [&] { release(comm); });
}

ncclResult_t ncclCommAbort(ncclComm_t comm) {
  return answer_nccl(__func__, false, [&] {
    rank_of(comm).link->abort();
    release(comm);
  });
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t* error) {
  *error = ncclSuccess;
  return answer_nccl(__func__, true, [&] {
    Rank& me = rank_of(comm);
    const bool waits = !me.blocks && !me.link->all_here();
    if (me.link->broken())
      *error = ncclRemoteError;
    else if (waits || me.in_progress > 0)
      *error = ncclInProgress;
    if (!waits && me.in_progress > 0) --me.in_progress;
  });
}

ncclResult_t ncclCommCount(const ncclComm_t comm, int* count) {
  return answer_nccl(__func__, true, [&] { *count = rank_of(comm).clique->ranks; });
}

ncclResult_t ncclCommUserRank(const ncclComm_t comm, int* rank) {
  return answer_nccl(__func__, true, [&] { *rank = rank_of(comm).rank; });
}

ncclResult_t ncclGroupStart() {
  return answer_nccl(__func__, true, [] { ++group_depth(); });
}

ncclResult_t ncclGroupEnd() {
  std::vector<Rank*> ranks;
  const auto forget = [&] {
    group_failed() = false;
    for (Rank* const me : std::exchange(in_group(), {})) me->group.clear();
  };
  const ncclResult_t result = answer_nccl(__func__, true, [&] {
    demand(group_depth() > 0, "no group was started");
    if (--group_depth() > 0) return;
    if (group_failed()) {
      forget();
      throw Refusal<ncclResult_t>{ncclInvalidUsage, "a call of the group has failed"};
    }
    ranks = std::exchange(in_group(), {});
    for (Rank* const me : ranks) join_group(*me);
  });
  if (result == ncclSystemError) {  // told to fail
    --group_depth();
    forget();
  }
  return result;
}

ncclResult_t ncclSend(const void* from, std::size_t count, ncclDataType_t type, int peer, ncclComm_t comm,
                      cudaStream_t stream) {
  return in_group_or_failed(__func__, [&] {
    add_to_group(comm, stream, {from, nullptr, count * size_of(type), peer}, "what is sent");
  });
}

ncclResult_t ncclRecv(void* to, std::size_t count, ncclDataType_t type, int peer, ncclComm_t comm,
                      cudaStream_t stream) {
  return in_group_or_failed(__func__, [&] {
    add_to_group(comm, stream, {nullptr, to, count * size_of(type), peer}, "what is received");
  });
}

ncclResult_t ncclAllReduce(const void* from, void* to, std::size_t count, ncclDataType_t type, ncclRedOp_t op,
                           ncclComm_t comm, cudaStream_t stream) {
  return answer_nccl(__func__, true, [&] {
    demand_outside_group("ncclAllReduce");
    demand(op == ncclSum || op == ncclAvg, "the double sums and averages");
    demand(type == ncclFloat || type == ncclDouble, "the double sums float and double");
    Rank& me = rank_of(comm);
    const std::size_t bytes = count * size_of(type);
    demand_on_device(from, bytes, me.device, "what is sent");
    demand_on_device(to, bytes, me.device, "what is received");
    join(me, stream_of(stream),
         {"ncclAllReduce of " + std::to_string(count), [=] { return copy_of(from, bytes); },
          [=](const std::vector<Bytes>& all) {
            if (type == ncclFloat)
              add_up<float>(all, to, count, op == ncclAvg);
            else
              add_up<double>(all, to, count, op == ncclAvg);
          }});
  });
}

ncclResult_t ncclBroadcast(const void* from, void* to, std::size_t count, ncclDataType_t type, int root,
                           ncclComm_t comm, cudaStream_t stream) {
  return answer_nccl(__func__, true, [&] {
    demand_outside_group("ncclBroadcast");
    Rank& me = rank_of(comm);
    demand(root >= 0 && root < me.clique->ranks, "no such root");
    const std::size_t bytes = count * size_of(type);
    const bool sends = me.rank == root;  // others' is not looked at
    if (sends) demand_on_device(from, bytes, me.device, "what is sent");
    demand_on_device(to, bytes, me.device, "what is received");
    join(me, stream_of(stream),
         {"ncclBroadcast of " + std::to_string(count) + " from " + std::to_string(root),
          [=] { return sends ? copy_of(from, bytes) : Bytes{}; },
          [=](const std::vector<Bytes>& all) { std::memcpy(to, all[static_cast<std::size_t>(root)].data(), bytes); }});
  });
}

ncclResult_t ncclAllGather(const void* from, void* to, std::size_t count, ncclDataType_t type, ncclComm_t comm,
                           cudaStream_t stream) {
  return answer_nccl(__func__, true, [&] {
    demand_outside_group("ncclAllGather");
    Rank& me = rank_of(comm);
    const std::size_t bytes = count * size_of(type);
    demand_on_device(from, bytes, me.device, "what is sent");
    demand_on_device(to, bytes * static_cast<std::size_t>(me.clique->ranks), me.device, "what is received");
    join(me, stream_of(stream),
         {"ncclAllGather of " + std::to_string(count), [=] { return copy_of(from, bytes); },
          [=](const std::vector<Bytes>& all) {
            for (std::size_t r = 0; r < all.size(); ++r)
              std::memcpy(static_cast<std::byte*>(to) + r * bytes, all[r].data(), bytes);
          }});
  });
}

const char* ncclGetErrorString(ncclResult_t result) {
  switch (result) {
    case ncclSuccess:
      return "no error";
    case ncclSystemError:
      return "unhandled system error";
    case ncclInvalidArgument:
      return "invalid argument";
    case ncclRemoteError:
      return "remote process exited or there was a network error";
    case ncclInProgress:
      return "NCCL operation in progress";
    default:
      return "unknown result code";
  }
}

const char* ncclGetLastError(ncclComm_t) { return ""; }

}  // extern "C"
