#include <cuda_runtime_api.h>

#include <cmath>
#include <thread>

#include "cuda/double/control.hpp"
#include "support/catch.hpp"

namespace stream_test {

using namespace cuda_double;

namespace {

/// One float on the device, and two streams.
struct Bench {
  float* p = nullptr;
  cudaStream_t a{}, b{};
  explicit Bench(unsigned flags = cudaStreamNonBlocking) {
    start();
    cudaMalloc(reinterpret_cast<void**>(&p), 4);
    cudaStreamCreateWithFlags(&a, flags);
    cudaStreamCreateWithFlags(&b, flags);
  }
  ~Bench() { cudaFree(p), cudaStreamDestroy(a), cudaStreamDestroy(b); }
  void put(float v, cudaStream_t s) { cudaMemcpyAsync(p, &v, 4, cudaMemcpyHostToDevice, s); }
  void get(float& v, cudaStream_t s) { cudaMemcpyAsync(&v, p, 4, cudaMemcpyDeviceToHost, s); }
};

void add_one(void* data) { ++*static_cast<int*>(data); }

}  // namespace

TEST_CASE("Work waits for its synchronisation, and for no other") {
  Bench bench;
  float seen = 0;
  bench.put(3, bench.a);
  bench.get(seen, bench.a);
  CHECK(cudaStreamQuery(bench.a) == cudaErrorNotReady);
  CHECK(cudaStreamSynchronize(bench.b) == cudaSuccess);
  CHECK(seen == 0);
  CHECK(cudaStreamSynchronize(bench.a) == cudaSuccess);
  CHECK(seen == 3);
  CHECK(cudaStreamQuery(bench.a) == cudaSuccess);
}

TEST_CASE("The early schedule runs work at once") {
  Bench bench;
  set_schedule(Schedule::early);
  float seen = 0;
  bench.put(3, bench.a);
  bench.get(seen, bench.b);
  CHECK(seen == 3);
}

TEST_CASE("Without an event a stream may come too early, with one it does not") {
  Bench bench;
  cudaEvent_t event{};
  cudaEventCreate(&event);
  float seen = 0;
  bench.put(5, bench.a);
  bench.get(seen, bench.b);
  cudaStreamSynchronize(bench.b);
  CHECK(std::isnan(seen));
  bench.put(6, bench.a);
  cudaEventRecord(event, bench.a);
  bench.put(7, bench.a);  // after the mark: the other stream does not wait for it
  cudaStreamWaitEvent(bench.b, event, 0);
  bench.get(seen, bench.b);
  cudaStreamSynchronize(bench.b);
  CHECK(seen == 6);
  cudaEventDestroy(event);
  CHECK(complaints().empty());
}

TEST_CASE("Events can be asked, waited for and timed") {
  Bench bench;
  cudaEvent_t first{}, second{}, untimed{};
  cudaEventCreate(&first), cudaEventCreate(&second), cudaEventCreateWithFlags(&untimed, cudaEventDisableTiming);
  float ms = -1;
  cudaEventRecord(first, bench.a);
  bench.put(1, bench.a);
  cudaEventRecord(second, bench.a);
  CHECK(cudaEventQuery(second) == cudaErrorNotReady);
  CHECK(cudaEventElapsedTime(&ms, first, second) == cudaErrorNotReady);
  CHECK(cudaEventSynchronize(second) == cudaSuccess);
  CHECK(cudaEventElapsedTime(&ms, first, second) == cudaSuccess);
  CHECK(ms >= 0);
  CHECK(complaints().empty());
  CHECK(cudaEventElapsedTime(&ms, first, untimed) == cudaErrorInvalidValue);
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("without timing"));
  cudaEventDestroy(first), cudaEventDestroy(second), cudaEventDestroy(untimed);
}

TEST_CASE("The default stream waits for blocking streams and they for it, not so for the others") {
  for (const unsigned flags : {unsigned{cudaStreamDefault}, unsigned{cudaStreamNonBlocking}}) {
    Bench bench(flags);
    float seen = 0;
    bench.put(4, bench.a);
    bench.get(seen, nullptr);
    cudaStreamSynchronize(nullptr);
    CHECK((flags == cudaStreamDefault ? seen == 4 : std::isnan(seen)));
    cudaDeviceSynchronize();
    bench.put(8, nullptr);
    bench.get(seen, bench.b);
    cudaStreamSynchronize(bench.b);
    CHECK(seen == (flags == cudaStreamDefault ? 8.f : 4.f));
  }
}

TEST_CASE("A captured stream records, and its graph runs as often as it is launched") {
  Bench bench;
  int runs = 0;
  cudaGraph_t graph{};
  cudaGraphExec_t ready{};
  CHECK(cudaStreamBeginCapture(bench.a, cudaStreamCaptureModeGlobal) == cudaSuccess);
  CHECK(cudaLaunchHostFunc(bench.a, add_one, &runs) == cudaSuccess);
  CHECK(cudaMemsetAsync(bench.p, 0, 4, bench.a) == cudaSuccess);
  CHECK(cudaStreamEndCapture(bench.a, &graph) == cudaSuccess);
  CHECK(cudaGraphInstantiate(&ready, graph, 0) == cudaSuccess);
  CHECK(cudaGraphDestroy(graph) == cudaSuccess);
  cudaDeviceSynchronize();
  CHECK(runs == 0);
  for (int i = 0; i < 3; ++i) CHECK(cudaGraphLaunch(ready, bench.b) == cudaSuccess);
  float seen = 1;
  bench.get(seen, bench.b);
  cudaStreamSynchronize(bench.b);
  CHECK(runs == 3);
  CHECK(seen == 0);
  CHECK(leaks().size() == 4);  // block, two streams, the graph
  CHECK(cudaGraphExecDestroy(ready) == cudaSuccess);
  CHECK(complaints().empty());
}

TEST_CASE("A capture takes in the streams that its events join") {
  Bench bench;
  int runs = 0;
  cudaEvent_t fork{}, join{};
  cudaGraph_t graph{};
  cudaEventCreate(&fork), cudaEventCreate(&join);
  cudaStreamBeginCapture(bench.a, cudaStreamCaptureModeGlobal);
  cudaEventRecord(fork, bench.a);
  cudaStreamWaitEvent(bench.b, fork, 0);
  cudaLaunchHostFunc(bench.b, add_one, &runs);
  cudaEventRecord(join, bench.b);
  cudaStreamWaitEvent(bench.a, join, 0);
  CHECK(cudaStreamEndCapture(bench.a, &graph) == cudaSuccess);
  cudaDeviceSynchronize();
  CHECK(runs == 0);
  cudaGraphExec_t ready{};
  cudaGraphInstantiate(&ready, graph, 0);
  cudaGraphLaunch(ready, bench.a);
  cudaLaunchHostFunc(bench.b, add_one, &runs);  // captured no longer
  cudaDeviceSynchronize();
  CHECK(runs == 2);
  cudaGraphDestroy(graph), cudaGraphExecDestroy(ready), cudaEventDestroy(fork), cudaEventDestroy(join);
  CHECK(complaints().empty());
}

TEST_CASE("While a stream is captured nothing waits, allocates or reads pageable memory") {
  Bench bench;
  cudaGraph_t graph{};
  void* q = nullptr;
  float host = 0;
  cudaStreamBeginCapture(bench.a, cudaStreamCaptureModeGlobal);
  CHECK(cudaStreamSynchronize(bench.a) == cudaErrorInvalidValue);
  CHECK(cudaDeviceSynchronize() == cudaErrorInvalidValue);
  CHECK(cudaMalloc(&q, 4) == cudaErrorInvalidValue);
  CHECK(cudaFree(bench.p) == cudaErrorInvalidValue);
  CHECK(cudaMemcpyAsync(bench.p, &host, 4, cudaMemcpyHostToDevice, bench.a) == cudaErrorInvalidValue);
  CHECK(cudaMallocHost(&q, 4) == cudaErrorInvalidValue);
  CHECK(take_complaints().size() == 6);
  CHECK(cudaStreamEndCapture(bench.a, &graph) == cudaErrorStreamCaptureInvalidated);  // broken by any of them
  CHECK(graph == nullptr);
  cudaStreamBeginCapture(bench.a, cudaStreamCaptureModeGlobal);
  CHECK(cudaStreamEndCapture(bench.a, &graph) == cudaSuccess);
  cudaGraphDestroy(graph);
}

TEST_CASE("A captured event and a captured stream cannot be asked") {
  Bench bench;
  cudaGraph_t graph{};
  cudaEvent_t event{};
  cudaEventCreate(&event);
  cudaStreamBeginCapture(bench.a, cudaStreamCaptureModeThreadLocal);
  cudaEventRecord(event, bench.a);
  CHECK(cudaEventSynchronize(event) == cudaErrorInvalidValue);
  CHECK(cudaEventQuery(event) == cudaErrorInvalidValue);
  CHECK(cudaStreamQuery(bench.a) == cudaErrorInvalidValue);
  CHECK(cudaStreamEndCapture(bench.a, &graph) == cudaErrorStreamCaptureInvalidated);
  CHECK(take_complaints().size() == 3);
  cudaEventDestroy(event);
}

TEST_CASE("Another thread may allocate during a capture of this one, unless the capture forbids it to all") {
  for (const bool everywhere : {false, true}) {
    Bench bench;
    cudaGraph_t graph{};
    cudaStreamBeginCapture(bench.a, everywhere ? cudaStreamCaptureModeGlobal : cudaStreamCaptureModeThreadLocal);
    cudaError_t allocated{}, ended{};
    std::thread([&] {
      void* q = nullptr;
      allocated = cudaMalloc(&q, 4);
      if (q != nullptr) cudaFree(q);
      cudaGraph_t none{};
      ended = cudaStreamEndCapture(bench.a, &none);
    }).join();
    CHECK(allocated == (everywhere ? cudaErrorInvalidValue : cudaSuccess));
    CHECK(ended == cudaErrorInvalidValue);
    CHECK(cudaStreamEndCapture(bench.a, &graph) == (everywhere ? cudaErrorStreamCaptureInvalidated : cudaSuccess));
    if (graph != nullptr) cudaGraphDestroy(graph);
    take_complaints();
  }
}

TEST_CASE("The default stream takes no work while a stream that it waits for is captured") {
  for (const unsigned flags : {unsigned{cudaStreamDefault}, unsigned{cudaStreamNonBlocking}}) {
    Bench bench(flags);
    cudaGraph_t graph{};
    cudaStreamBeginCapture(bench.a, cudaStreamCaptureModeThreadLocal);
    const bool blocking = flags == cudaStreamDefault;
    CHECK(cudaMemsetAsync(bench.p, 0, 4, nullptr) == (blocking ? cudaErrorInvalidValue : cudaSuccess));
    CHECK(cudaStreamEndCapture(bench.a, &graph) == (blocking ? cudaErrorStreamCaptureInvalidated : cudaSuccess));
    if (graph != nullptr) cudaGraphDestroy(graph);
    take_complaints();
  }
}

TEST_CASE("Copies to the host are counted") {
  Bench bench;
  float seen = 0;
  bench.put(1, bench.a);
  bench.get(seen, bench.a);
  cudaStreamSynchronize(bench.a);
  CHECK(calls().count(copies_to_host) == 1);
}

TEST_CASE("A destroyed stream is refused") {
  Bench bench;
  cudaStream_t gone{};
  cudaStreamCreate(&gone);
  cudaStreamDestroy(gone);
  CHECK(cudaStreamSynchronize(gone) == cudaErrorInvalidValue);
  CHECK_THAT(take_complaints().at(0), Catch::Matchers::Contains("cudaStreamSynchronize: no such stream"));
}

TEST_CASE("A wait that is told to fail takes the work with it, as a failed device does") {
  Bench bench;
  float seen = 0;
  bench.put(3, bench.a);
  bench.get(seen, bench.a);
  calls().fail("cudaStreamSynchronize");
  CHECK(cudaStreamSynchronize(bench.a) == cudaErrorLaunchFailure);
  CHECK(cudaStreamSynchronize(bench.a) == cudaSuccess);
  CHECK(seen == 0);
}

}  // namespace stream_test
