// NCCL's calls in captured graphs: what CUDA and NCCL refuse, the double refuses, or says.
#include <nccl.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cuda/double/control.hpp"
#include "support/catch.hpp"

namespace nccl_graph_test {

using namespace cuda_double;

/// Two ranks of one process, each with a card, two streams that a graph may have branches in, and four floats.
struct Ranks {
  static constexpr int count = 2;
  struct Rank {
    ncclComm_t comm{};
    cudaStream_t stream{}, beside{};
    cudaEvent_t fork{}, join{};
    float* data{};
    cudaGraphExec_t ready{};
  };
  std::array<Rank, count> all{};

  Ranks() {
    start({Card{}, Card{}});
    ncclUniqueId id{};
    ncclGetUniqueId(&id);
    each([&](Rank& r, int rank) {
      cudaStreamCreateWithFlags(&r.stream, cudaStreamNonBlocking);
      cudaStreamCreateWithFlags(&r.beside, cudaStreamNonBlocking);
      cudaEventCreate(&r.fork), cudaEventCreate(&r.join);
      cudaMalloc(reinterpret_cast<void**>(&r.data), 4 * sizeof(float));
      ncclCommInitRank(&r.comm, count, id, rank);
      const std::vector<float> host(4, static_cast<float>(rank + 1));
      cudaMemcpyAsync(r.data, host.data(), 16, cudaMemcpyHostToDevice, r.stream);
    });
  }
  ~Ranks() {
    each([&](Rank& r, int) {
      if (r.ready != nullptr) cudaGraphExecDestroy(r.ready);
      if (r.comm != nullptr) ncclCommDestroy(r.comm);
      cudaFree(r.data), cudaEventDestroy(r.fork), cudaEventDestroy(r.join);
      cudaStreamDestroy(r.stream), cudaStreamDestroy(r.beside);
    });
  }
  template <class F>
  void each(const F& f) {
    for (int rank = 0; rank < count; ++rank) {
      cudaSetDevice(rank);
      f(all[static_cast<std::size_t>(rank)], rank);
    }
  }
  static ncclResult_t sum(Rank& r, cudaStream_t stream) {
    return ncclAllReduce(r.data, r.data, 4, ncclFloat, ncclSum, r.comm, stream);
  }
  /// Captures a sum beside the stream; `joined`: the stream waits for it.
  static cudaError_t capture(Rank& r, bool joined = true) {
    cudaGraph_t graph{};
    cudaStreamBeginCapture(r.stream, cudaStreamCaptureModeThreadLocal);
    cudaEventRecord(r.fork, r.stream);
    cudaStreamWaitEvent(r.beside, r.fork, 0);
    CHECK(sum(r, r.beside) == ncclSuccess);
    cudaEventRecord(r.join, r.beside);
    if (joined) cudaStreamWaitEvent(r.stream, r.join, 0);
    const cudaError_t ended = cudaStreamEndCapture(r.stream, &graph);
    if (graph == nullptr) return ended;
    cudaGraphInstantiate(&r.ready, graph, 0);
    cudaGraphDestroy(graph);
    return ended;
  }
  static float read(Rank& r) {
    float first = 0;
    cudaMemcpyAsync(&first, r.data, 4, cudaMemcpyDeviceToHost, r.stream);
    cudaStreamSynchronize(r.stream);
    return first;
  }
};

TEST_CASE("Captured calls of all ranks run at every launch, after what the stream had to do, and before what follows") {
  Ranks ranks;
  ranks.each([](Ranks::Rank& r, int) { CHECK(Ranks::capture(r) == cudaSuccess); });
  for (const float want : {3.f, 6.f, 12.f}) {
    ranks.each([](Ranks::Rank& r, int) { CHECK(cudaGraphLaunch(r.ready, r.stream) == cudaSuccess); });
    ranks.each([&](Ranks::Rank& r, int) { CHECK(Ranks::read(r) == want); });
  }
  ranks.each([](Ranks::Rank& r, int) { CHECK(Ranks::sum(r, r.stream) == ncclSuccess); });  // and between them
  ranks.each([&](Ranks::Rank& r, int) { CHECK(Ranks::read(r) == 24.f); });
  CHECK(complaints().empty());
}

TEST_CASE("A branch of a graph that nothing in it waits for cannot be captured") {
  Ranks ranks;
  cudaSetDevice(0);
  CHECK(Ranks::capture(ranks.all[0], false) == cudaErrorStreamCaptureUnjoined);
  CHECK(Ranks::capture(ranks.all[0]) == cudaSuccess);
  CHECK(complaints().empty());
}

TEST_CASE("A branch runs as late as its graph allows it: what does not wait for it comes too early") {
  Ranks ranks;
  ranks.each([](Ranks::Rank& r, int rank) {
    cudaGraph_t graph{};
    cudaStreamBeginCapture(r.stream, cudaStreamCaptureModeThreadLocal);
    cudaEventRecord(r.fork, r.stream);
    cudaStreamWaitEvent(r.beside, r.fork, 0);
    CHECK(Ranks::sum(r, r.beside) == ncclSuccess);
    cudaEventRecord(r.join, r.beside);
    if (rank == 0) cudaMemsetAsync(r.data, 0, 16, r.stream);  // while it is being summed
    cudaStreamWaitEvent(r.stream, r.join, 0);
    CHECK(cudaStreamEndCapture(r.stream, &graph) == cudaSuccess);
    cudaGraphInstantiate(&r.ready, graph, 0);
    cudaGraphDestroy(graph);
    CHECK(cudaGraphLaunch(r.ready, r.stream) == cudaSuccess);
  });
  cudaSetDevice(0);
  CHECK(Ranks::read(ranks.all[0]) == 2);  // 0 + 2, not 1 + 2
  CHECK(complaints().empty());
}

TEST_CASE("A call that one rank has captured and another one has not, or in another capture, is named") {
  Ranks ranks;
  cudaSetDevice(0);
  CHECK(Ranks::capture(ranks.all[0]) == cudaSuccess);
  CHECK(cudaGraphLaunch(ranks.all[0].ready, ranks.all[0].stream) == cudaSuccess);
  cudaSetDevice(1);
  CHECK(Ranks::sum(ranks.all[1], ranks.all[1].stream) == ncclInvalidArgument);
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("rank 1 calls ncclAllReduce of 4, another rank") &&
                                          Catch::Matchers::Contains("number 1 of its capture 1"));
  cudaGraphExec_t const old = ranks.all[1].ready;
  CHECK(old == nullptr);
  CHECK(Ranks::capture(ranks.all[1]) == cudaSuccess);
  cudaGraphExecDestroy(ranks.all[1].ready);
  CHECK(Ranks::capture(ranks.all[1]) == cudaSuccess);
  CHECK(cudaGraphLaunch(ranks.all[1].ready, ranks.all[1].stream) == cudaErrorInvalidValue);
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("of its capture 2"));
}

TEST_CASE("A communicator is not ended while graphs want it, and an abort waits until they are gone") {
  Ranks ranks;
  ranks.each([](Ranks::Rank& r, int) { CHECK(Ranks::capture(r) == cudaSuccess); });
  Ranks::Rank& r = ranks.all[0];
  cudaSetDevice(0);
  CHECK(ncclCommFinalize(r.comm) == ncclInvalidArgument);
  CHECK(ncclCommDestroy(r.comm) == ncclInvalidArgument);
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("until they are destroyed"));
  bool aborted = false;
  std::thread other([&] {
    CHECK(ncclCommAbort(r.comm) == ncclSuccess);
    aborted = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ncclResult_t state = ncclSuccess;
  CHECK(ncclCommGetAsyncError(ranks.all[1].comm, &state) == ncclSuccess);
  CHECK(state == ncclRemoteError);  // the others hear of it at once
  CHECK(cudaGraphExecDestroy(std::exchange(r.ready, nullptr)) == cudaSuccess);
  other.join();
  CHECK(aborted);
  r.comm = nullptr;
  CHECK(complaints().empty());
}

TEST_CASE("A communicator that does not block is asked before its capture ends") {
  start({Card{}});
  ncclUniqueId id{};
  ncclGetUniqueId(&id);
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.blocking = 0;
  ncclComm_t comm{};
  cudaStream_t stream{};
  float* data{};
  cudaGraph_t graph{};
  ncclResult_t state = ncclSuccess;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  cudaMalloc(reinterpret_cast<void**>(&data), 4);
  CHECK(ncclCommInitRankConfig(&comm, 1, id, 0, &config) == ncclInProgress);
  for (const bool asks : {false, true}) {
    cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
    CHECK(ncclBroadcast(data, data, 1, ncclFloat, 0, comm, stream) == ncclInProgress);
    for (int i = 0; asks && i < 2; ++i) CHECK(ncclCommGetAsyncError(comm, &state) == ncclSuccess);
    CHECK(cudaStreamEndCapture(stream, &graph) == (asks ? cudaSuccess : cudaErrorInvalidValue));
  }
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("has not given all of its work yet"));
  cudaGraphDestroy(graph), ncclCommAbort(comm), cudaFree(data), cudaStreamDestroy(stream);
  CHECK(leaks().empty());
}

}  // namespace nccl_graph_test
