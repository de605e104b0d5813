// The functions of NCCL that carry gradients. Ranks are threads of work in one process, each with a device and a stream
// of its own, of which all must have called before one waits (nccl_clique.hpp); or processes, which then wait for each
// other as on devices (nccl_link.hpp). A communicator that does not block says ncclInProgress until all ranks are
// there, and once after its first work, and after the first of each capture.
#include <nccl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "cuda/double/nccl_rank.hpp"

using namespace cuda_double;

namespace {

int& group_depth() {
  thread_local int depth = 0;
  return depth;
}
bool& group_failed() {
  thread_local bool failed = false;
  return failed;
}
std::vector<NcclRank*>& in_group() {
  thread_local std::vector<NcclRank*> ranks;
  return ranks;
}

NcclRank& rank_of(ncclComm_t comm) {
  demand_object(comm, "ncclCommInitRank");
  return *reinterpret_cast<NcclRank*>(comm);
}

template <class Body>
ncclResult_t answer_nccl(const char* function, bool may_fail, Body body) {
  return answer(function, ncclSystemError, ncclInvalidArgument, ncclSuccess, may_fail, body);
}
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

void add_to_group(ncclComm_t comm, cudaStream_t stream, NcclMessage m, const char* what) {
  NcclRank& me = rank_of(comm);
  demand(group_depth() > 0, "the double has sends and receives only between ncclGroupStart and ncclGroupEnd");
  demand_on_device(m.from != nullptr ? m.from : m.to, m.bytes, me.device(), what);
  me.add_to_group(stream_of(stream), m);
  if (std::find(in_group().begin(), in_group().end(), &me) == in_group().end()) in_group().push_back(&me);
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
  *comm = reinterpret_cast<ncclComm_t>(keep(new NcclRank(id, ranks, rank, blocks), "ncclCommInitRank"));
}

void release(ncclComm_t comm) {
  NcclRank* const rank = &rank_of(comm);
  demand(!rank->in_graphs(),
         "graphs have calls of this communicator: NCCL would wait for ever until they are destroyed");
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
    if (config->blocking == 0) throw Refusal<ncclResult_t>{ncclInProgress, "not done yet"};
  });
}

ncclResult_t ncclCommFinalize(ncclComm_t comm) {
  return answer_nccl(__func__, true, [&] { rank_of(comm).finalize(); });
}

ncclResult_t ncclCommDestroy(ncclComm_t comm) {
  return answer_nccl(__func__, false, [&] { release(comm); });
}

ncclResult_t ncclCommAbort(ncclComm_t comm) {
  return answer_nccl(__func__, false, [&] {
    rank_of(comm).abort();
    release(comm);
  });
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t* error) {
  *error = ncclSuccess;
  return answer_nccl(__func__, true, [&] { *error = rank_of(comm).state(); });
}

ncclResult_t ncclCommCount(const ncclComm_t comm, int* count) {
  return answer_nccl(__func__, true, [&] { *count = rank_of(comm).ranks(); });
}

ncclResult_t ncclCommUserRank(const ncclComm_t comm, int* rank) {
  return answer_nccl(__func__, true, [&] { *rank = rank_of(comm).rank(); });
}

ncclResult_t ncclGroupStart() {
  return answer_nccl(__func__, true, [] { ++group_depth(); });
}

ncclResult_t ncclGroupEnd() {
  std::vector<NcclRank*> ranks;
  const auto forget = [&] {
    group_failed() = false;
    for (NcclRank* const me : std::exchange(in_group(), {})) me->forget_group();
  };
  const ncclResult_t result = answer_nccl(__func__, true, [&] {
    demand(group_depth() > 0, "no group was started");
    if (--group_depth() > 0) return;
    if (group_failed()) {
      forget();
      throw Refusal<ncclResult_t>{ncclInvalidUsage, "a call of the group has failed"};
    }
    ranks = std::exchange(in_group(), {});
    for (NcclRank* const me : ranks) me->join_group();
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
    NcclRank& me = rank_of(comm);
    const std::size_t bytes = count * size_of(type);
    demand_on_device(from, bytes, me.device(), "what is sent");
    demand_on_device(to, bytes, me.device(), "what is received");
    me.join(stream_of(stream), {"ncclAllReduce of " + std::to_string(count), [=] { return copy_of(from, bytes); },
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
    NcclRank& me = rank_of(comm);
    demand(root >= 0 && root < me.ranks(), "no such root");
    const std::size_t bytes = count * size_of(type);
    const bool sends = me.rank() == root;  // others' is not looked at
    if (sends) demand_on_device(from, bytes, me.device(), "what is sent");
    demand_on_device(to, bytes, me.device(), "what is received");
    me.join(stream_of(stream), {"ncclBroadcast of " + std::to_string(count) + " from " + std::to_string(root),
                                [=] { return sends ? copy_of(from, bytes) : Bytes{}; },
                                [=](const std::vector<Bytes>& all) {
                                  std::memcpy(to, all[static_cast<std::size_t>(root)].data(), bytes);
                                }});
  });
}

ncclResult_t ncclAllGather(const void* from, void* to, std::size_t count, ncclDataType_t type, ncclComm_t comm,
                           cudaStream_t stream) {
  return answer_nccl(__func__, true, [&] {
    demand_outside_group("ncclAllGather");
    NcclRank& me = rank_of(comm);
    const std::size_t bytes = count * size_of(type);
    demand_on_device(from, bytes, me.device(), "what is sent");
    demand_on_device(to, bytes * static_cast<std::size_t>(me.ranks()), me.device(), "what is received");
    me.join(stream_of(stream), {"ncclAllGather of " + std::to_string(count), [=] { return copy_of(from, bytes); },
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
