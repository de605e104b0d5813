// The functions of NCCL that average gradients: ranks of one process, each with a device and a stream of its own. All
// ranks must have called before one of them waits, as between ncclGroupStart and ncclGroupEnd.
#include <nccl.h>

#include <cstring>
#include <optional>

#include "cuda/double/world.hpp"

using namespace cuda_double;

namespace {

/// One call that all ranks take part in.
struct Collective {
  struct Part {
    const float* from = nullptr;
    float* to = nullptr;
    MarkPtr before;  ///< what the rank's stream had to do first
  };
  std::string kind;  ///< the function, how many values, and the root: the same on all ranks
  std::function<void(const std::vector<Part>&)> work;
  std::vector<std::optional<Part>> parts;
  bool done = false;
};

/// What all ranks of one id share.
struct Clique {
  int ranks = 0;
  std::vector<std::shared_ptr<Collective>> calls;
};

struct Rank {
  std::shared_ptr<Clique> clique;
  int rank = 0, device = 0;
  std::size_t called = 0;  ///< collectives so far
};

std::map<std::string, std::weak_ptr<Clique>>& cliques() {
  static auto* const all = new std::map<std::string, std::weak_ptr<Clique>>;
  return *all;
}

Rank& rank_of(ncclComm_t comm) {
  demand_object(comm, "ncclCommInitRank");
  return *reinterpret_cast<Rank*>(comm);
}

template <class Body>
ncclResult_t answer_nccl(const char* function, bool may_fail, Body body) {
  return answer(function, ncclSystemError, ncclInvalidArgument, ncclSuccess, may_fail, body);
}

/// Runs a collective when the first of its ranks comes to it.
void run(Collective& c) {
  if (c.done) return;
  std::vector<Collective::Part> parts;
  for (std::size_t r = 0; r < c.parts.size(); ++r) {
    demand(c.parts[r].has_value(), c.kind + ": rank " + std::to_string(r) + " has not called");
    parts.push_back(*c.parts[r]);
  }
  c.done = true;
  for (const Collective::Part& p : parts) world().streams.finish(p.before);
  c.work(parts);
}

void join(ncclComm_t comm, cudaStream_t stream, const std::string& kind, const void* from, std::size_t from_count,
          void* to, std::size_t to_count, ncclDataType_t type,
          std::function<void(const std::vector<Collective::Part>&)> work) {
  Rank& me = rank_of(comm);
  demand(type == ncclFloat, "the double sends float");
  Stream& s = stream_of(stream);
  demand(s.device == me.device, "the stream is of another device than the rank");
  demand_on_device(from, from_count * sizeof(float), me.device, "what is sent");
  demand_on_device(to, to_count * sizeof(float), me.device, "what is received");
  auto& calls = me.clique->calls;
  if (calls.size() <= me.called) {
    calls.push_back(std::make_shared<Collective>());
    calls.back()->kind = kind;
    calls.back()->work = std::move(work);
    calls.back()->parts.resize(static_cast<std::size_t>(me.clique->ranks));
  }
  const std::shared_ptr<Collective> c = calls[me.called++];
  demand(c->kind == kind, "rank " + std::to_string(me.rank) + " calls " + kind + ", another rank " + c->kind);
  c->parts[static_cast<std::size_t>(me.rank)] = {static_cast<const float*>(from), static_cast<float*>(to), s.tail};
  world().streams.push(s, kind, [c] { run(*c); });
}

void check_id(const ncclUniqueId& id) {
  demand(std::strncmp(id.internal, "double ", 7) == 0, "no id of ncclGetUniqueId");
}

void init_rank(ncclComm_t* comm, int ranks, const ncclUniqueId& id, int rank) {
  check_id(id);
  demand(rank >= 0 && rank < ranks, "no such rank");
  std::weak_ptr<Clique>& known = cliques()[id.internal];
  std::shared_ptr<Clique> clique = known.lock();
  if (!clique) known = clique = std::make_shared<Clique>(Clique{ranks, {}});
  demand(clique->ranks == ranks, "ranks disagree on how many they are");
  *comm = reinterpret_cast<ncclComm_t>(keep(new Rank{clique, rank, current_device()}, "ncclCommInitRank"));
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
    const std::string text = "double " + std::to_string(++made);
    std::memcpy(id->internal, text.c_str(), text.size());
  });
}

ncclResult_t ncclCommInitRank(ncclComm_t* comm, int ranks, ncclUniqueId id, int rank) {
  return answer_nccl(__func__, true, [&] { init_rank(comm, ranks, id, rank); });
}

ncclResult_t ncclCommDestroy(ncclComm_t comm) {
  return answer_nccl(__func__, false, [&] { release(comm); });
}

ncclResult_t ncclCommAbort(ncclComm_t comm) {
  return answer_nccl(__func__, false, [&] { release(comm); });
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t* error) {
  *error = ncclSuccess;
  return answer_nccl(__func__, true, [&] { rank_of(comm); });
}

ncclResult_t ncclCommCount(const ncclComm_t comm, int* count) {
  return answer_nccl(__func__, true, [&] { *count = rank_of(comm).clique->ranks; });
}

ncclResult_t ncclCommUserRank(const ncclComm_t comm, int* rank) {
  return answer_nccl(__func__, true, [&] { *rank = rank_of(comm).rank; });
}

ncclResult_t ncclGroupStart() {
  return answer_nccl(__func__, true, [] {});
}

ncclResult_t ncclGroupEnd() {
  return answer_nccl(__func__, true, [] {});
}

ncclResult_t ncclAllReduce(const void* from, void* to, std::size_t count, ncclDataType_t type, ncclRedOp_t op,
                           ncclComm_t comm, cudaStream_t stream) {
  return answer_nccl(__func__, true, [&] {
    demand(op == ncclSum || op == ncclAvg, "the double sums and averages");
    join(comm, stream, "ncclAllReduce of " + std::to_string(count), from, count, to, count, type,
         [count, op](const std::vector<Collective::Part>& parts) {
           std::vector<float> sum(count);
           for (const auto& p : parts)
             for (std::size_t i = 0; i < count; ++i) sum[i] += p.from[i];
           if (op == ncclAvg)
             for (float& v : sum) v /= static_cast<float>(parts.size());
           for (const auto& p : parts) std::memcpy(p.to, sum.data(), count * sizeof(float));
         });
  });
}

ncclResult_t ncclBroadcast(const void* from, void* to, std::size_t count, ncclDataType_t type, int root,
                           ncclComm_t comm, cudaStream_t stream) {
  return answer_nccl(__func__, true, [&] {
    demand(root >= 0 && root < rank_of(comm).clique->ranks, "no such root");
    const void* const mine = rank_of(comm).rank == root ? from : to;  // others' is not looked at
    join(comm, stream, "ncclBroadcast of " + std::to_string(count) + " from " + std::to_string(root), mine, count, to,
         count, type, [count, root](const std::vector<Collective::Part>& parts) {
           const std::vector<float> sent(parts[static_cast<std::size_t>(root)].from,
                                         parts[static_cast<std::size_t>(root)].from + count);
           for (const auto& p : parts) std::memcpy(p.to, sent.data(), count * sizeof(float));
         });
  });
}

ncclResult_t ncclAllGather(const void* from, void* to, std::size_t count, ncclDataType_t type, ncclComm_t comm,
                           cudaStream_t stream) {
  return answer_nccl(__func__, true, [&] {
    const auto ranks = static_cast<std::size_t>(rank_of(comm).clique->ranks);
    join(comm, stream, "ncclAllGather of " + std::to_string(count), from, count, to, count * ranks, type,
         [count](const std::vector<Collective::Part>& parts) {
           std::vector<float> all;
           for (const auto& p : parts) all.insert(all.end(), p.from, p.from + count);
           for (const auto& p : parts) std::memcpy(p.to, all.data(), all.size() * sizeof(float));
         });
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
    default:
      return "unknown result code";
  }
}

}  // extern "C"
