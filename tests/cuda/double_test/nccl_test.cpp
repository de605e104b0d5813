#include <nccl.h>

#include <array>
#include <vector>

#include "cuda/double/control.hpp"
#include "support/catch.hpp"

namespace nccl_test {

using namespace cuda_double;

namespace {

/// Three ranks of one process, each with a card, a stream and eight floats.
struct Ranks {
  static constexpr int count = 3;
  std::array<ncclComm_t, count> comm{};
  std::array<cudaStream_t, count> stream{};
  std::array<float*, count> data{};

  Ranks() {
    start({Card{}, Card{}, Card{}});
    ncclUniqueId id{};
    ncclGetUniqueId(&id);
    each([&](std::size_t r, int rank) {
      cudaStreamCreateWithFlags(&stream[r], cudaStreamNonBlocking);
      cudaMalloc(reinterpret_cast<void**>(&data[r]), 8 * sizeof(float));
      ncclCommInitRank(&comm[r], count, id, rank);
      const std::vector<float> host(8, static_cast<float>(rank + 1));
      cudaMemcpyAsync(data[r], host.data(), 32, cudaMemcpyHostToDevice, stream[r]);
    });
  }
  ~Ranks() {
    each([&](std::size_t r, int) { ncclCommDestroy(comm[r]), cudaFree(data[r]), cudaStreamDestroy(stream[r]); });
  }
  template <class F>
  void each(const F& f) {
    for (int rank = 0; rank < count; ++rank) {
      cudaSetDevice(rank);
      f(static_cast<std::size_t>(rank), rank);
    }
  }
  std::vector<float> read(std::size_t r) {
    std::vector<float> host(8);
    cudaMemcpyAsync(host.data(), data[r], 32, cudaMemcpyDeviceToHost, stream[r]);
    cudaStreamSynchronize(stream[r]);
    return host;
  }
};

}  // namespace

TEST_CASE("Ranks add, average, broadcast and gather, each after what its own stream had to do") {
  Ranks ranks;
  ranks.each([&](std::size_t r, int) {
    CHECK(ncclAllReduce(ranks.data[r], ranks.data[r], 8, ncclFloat, ncclSum, ranks.comm[r], ranks.stream[r]) ==
          ncclSuccess);
  });
  ranks.each([&](std::size_t r, int) { CHECK(ranks.read(r) == std::vector<float>(8, 6.f)); });
  ranks.each([&](std::size_t r, int rank) {
    const std::vector<float> host(8, static_cast<float>(10 * rank));
    cudaMemcpyAsync(ranks.data[r], host.data(), 32, cudaMemcpyHostToDevice, ranks.stream[r]);
    CHECK(ncclAllReduce(ranks.data[r], ranks.data[r], 4, ncclFloat, ncclAvg, ranks.comm[r], ranks.stream[r]) ==
          ncclSuccess);
    CHECK(ncclBroadcast(ranks.data[r] + 4, ranks.data[r] + 4, 2, ncclFloat, 2, ranks.comm[r], ranks.stream[r]) ==
          ncclSuccess);
  });
  CHECK(ranks.read(0) == std::vector<float>{10, 10, 10, 10, 20, 20, 0, 0});
  CHECK(ranks.read(1) == std::vector<float>{10, 10, 10, 10, 20, 20, 10, 10});
  ranks.each([&](std::size_t r, int) {
    CHECK(ncclAllGather(ranks.data[r] + 6, ranks.data[r], 2, ncclFloat, ranks.comm[r], ranks.stream[r]) == ncclSuccess);
  });
  CHECK(ranks.read(2) == std::vector<float>{0, 0, 10, 10, 20, 20, 20, 20});
  CHECK(complaints().empty());
}

TEST_CASE("A rank that has not called, or calls something else, is named") {
  Ranks ranks;
  const auto reduce = [&](std::size_t r, std::size_t count) {
    cudaSetDevice(static_cast<int>(r));
    return ncclAllReduce(ranks.data[r], ranks.data[r], count, ncclFloat, ncclSum, ranks.comm[r], ranks.stream[r]);
  };
  CHECK(reduce(0, 8) == ncclSuccess);
  CHECK(reduce(2, 4) == ncclInvalidArgument);
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("rank 2 calls ncclAllReduce of 4, another rank"));
  cudaSetDevice(0);
  CHECK(cudaStreamSynchronize(ranks.stream[0]) == cudaErrorIllegalAddress);
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("rank 1 has not called"));
}

TEST_CASE("A rank's memory and stream must be of its own device") {
  Ranks ranks;
  cudaSetDevice(0);
  CHECK(ncclAllReduce(ranks.data[1], ranks.data[1], 8, ncclFloat, ncclSum, ranks.comm[0], ranks.stream[0]) ==
        ncclInvalidArgument);
  CHECK(ncclAllReduce(ranks.data[0], ranks.data[0], 8, ncclFloat, ncclSum, ranks.comm[0], ranks.stream[1]) ==
        ncclInvalidArgument);
  CHECK(ncclAllReduce(ranks.data[0], ranks.data[0], 9, ncclFloat, ncclSum, ranks.comm[0], ranks.stream[0]) ==
        ncclInvalidArgument);
  CHECK(take_complaints().size() == 3);
}

TEST_CASE("Ranks send each other pieces in one group, of doubles and bytes too") {
  Ranks ranks;
  ranks.each([&](std::size_t r, int rank) {
    CHECK(ncclGroupStart() == ncclSuccess);
    for (int peer = 0; peer < Ranks::count; ++peer) {
      if (peer == rank) continue;  // to each its own number, behind the first three
      CHECK(ncclSend(ranks.data[r], 1, ncclFloat, peer, ranks.comm[r], ranks.stream[r]) == ncclSuccess);
      CHECK(ncclRecv(ranks.data[r] + 3 + peer, 4, ncclUint8, peer, ranks.comm[r], ranks.stream[r]) == ncclSuccess);
    }
    CHECK(ncclGroupEnd() == ncclSuccess);
  });
  CHECK(ranks.read(1) == std::vector<float>{2, 2, 2, 1, 2, 3, 2, 2});
  ranks.each([&](std::size_t r, int) {
    CHECK(ncclBroadcast(ranks.data[r], ranks.data[r], 4, ncclDouble, 2, ranks.comm[r], ranks.stream[r]) == ncclSuccess);
  });
  CHECK(ranks.read(0) == ranks.read(2));
  CHECK(complaints().empty());
}

TEST_CASE("A group in which a call fails does nothing, and says so at its end") {
  Ranks ranks;
  cudaSetDevice(0);
  calls().fail("ncclRecv");
  CHECK(ncclGroupStart() == ncclSuccess);
  CHECK(ncclSend(ranks.data[0], 1, ncclFloat, 1, ranks.comm[0], ranks.stream[0]) == ncclSuccess);
  CHECK(ncclRecv(ranks.data[0], 1, ncclFloat, 1, ranks.comm[0], ranks.stream[0]) == ncclSystemError);
  CHECK(ncclGroupEnd() == ncclInvalidUsage);
  CHECK(ncclSend(ranks.data[0], 1, ncclFloat, 1, ranks.comm[0], ranks.stream[0]) == ncclInvalidArgument);
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("only between ncclGroupStart and ncclGroupEnd"));
  CHECK(ranks.read(0) == std::vector<float>(8, 1.f));
}

TEST_CASE("A receive without its send is named") {
  Ranks ranks;
  ranks.each([&](std::size_t r, int rank) {
    ncclGroupStart();
    if (rank == 0) ncclRecv(ranks.data[r], 1, ncclFloat, 1, ranks.comm[r], ranks.stream[r]);
    if (rank == 1) ncclSend(ranks.data[r], 2, ncclFloat, 0, ranks.comm[r], ranks.stream[r]);
    if (rank == 2) ncclSend(ranks.data[r], 1, ncclFloat, 1, ranks.comm[r], ranks.stream[r]);
    ncclGroupEnd();
  });
  cudaSetDevice(0);
  CHECK(cudaStreamSynchronize(ranks.stream[0]) == cudaErrorIllegalAddress);
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("rank 1 does not send what rank 0 receives"));
}

TEST_CASE("A communicator that does not block is there when all ranks are, and tells of an abort") {
  start({Card{}});
  ncclUniqueId id{};
  ncclGetUniqueId(&id);
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.blocking = 0;
  std::array<ncclComm_t, 2> comm{};
  ncclResult_t state = ncclSuccess;
  CHECK(ncclCommInitRankConfig(&comm[0], 2, id, 0, &config) == ncclInProgress);
  CHECK(ncclCommGetAsyncError(comm[0], &state) == ncclSuccess);
  CHECK(state == ncclInProgress);
  CHECK(ncclCommInitRankConfig(&comm[1], 2, id, 1, &config) == ncclInProgress);
  CHECK(ncclCommGetAsyncError(comm[0], &state) == ncclSuccess);
  CHECK(state == ncclSuccess);
  CHECK(ncclCommFinalize(comm[0]) == ncclInProgress);
  CHECK(ncclCommGetAsyncError(comm[0], &state) == ncclSuccess);
  CHECK(state == ncclInProgress);
  CHECK(ncclCommAbort(comm[1]) == ncclSuccess);
  CHECK(ncclCommGetAsyncError(comm[0], &state) == ncclSuccess);
  CHECK(state == ncclRemoteError);
  CHECK(ncclCommDestroy(comm[0]) == ncclSuccess);
  CHECK(leaks().empty());
}

}  // namespace nccl_test
