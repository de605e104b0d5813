// Which plans are kept, and when one goes.
#include "sseg/backend/cuda/plan_cache.hpp"
#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"

namespace plan_cache_test {

using namespace sseg;
using namespace sseg::cuda;
using Catch::Matchers::Contains;

namespace {

ConvProblem forward_of(Index images) {
  return {ConvPass::forward, {.n = images, .h = 4, .w = 4, .c = 1, .o = 1}, Storage::f32, false, 16};
}

/// A stream, a cache of two plans, and tensors for both of them.
struct Cache {
  sseg::cuda::Stream stream;
  CudnnHandle handle{stream};
  PlanCache plans{2};
  std::shared_ptr<DevicePool> pool = std::make_shared<DevicePool>();
  DeviceArray<float> x{pool, 64}, w{pool, 64}, y{pool, 64}, space{pool, 4096};

  int told = 0;  ///< how often a plan was about to go

  const ConvPlan& operator()(Index images) {
    return plans.plan(handle, forward_of(images), [&] { ++told; });
  }
  void run(const ConvPlan& plan) { plan.run(handle, {x.data(), w.data(), y.data()}, space.data()); }
};

}  // namespace

TEST_CASE("A plan is made once, and of too many the one that was asked for longest ago goes") {
  cuda_test::start_double();
  {
    Cache cache;
    const ConvPlan* const first = &cache(1);
    const ConvPlan* const second = &cache(2);
    CHECK(&cache(1) == first);
    CHECK(&cache(2) == second);
    cache(1);
    const ConvPlan* const third = &cache(3);  // the second goes
    CHECK(cache.plans.size() == 2);
    CHECK(cache.plans.dropped() == 1);
    CHECK(&cache(1) == first);
    CHECK(&cache(3) == third);
    CHECK(cache.plans.dropped() == 1);
    CHECK(cache.told == 1);
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("A plan that is still to run is waited for before it goes") {
  cuda_test::start_double();
  {
    Cache cache;
    cache.run(cache(1));
    cache.run(cache(2));
    cache.run(cache(3));
    CHECK(cache.plans.dropped() == 1);
    cache.stream.wait();  // the double tells of a plan that was gone when its turn came
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("While a stream is captured no plan goes") {
  cuda_test::start_double();
  {
    Cache cache;
    cache(1), cache(2);
    REQUIRE(cudaStreamBeginCapture(cache.stream.get(), cudaStreamCaptureModeThreadLocal) == cudaSuccess);
    cache(3);
    CHECK(cache.plans.size() == 3);
    CHECK(cache.plans.dropped() == 0);
    cudaGraph_t graph{};
    REQUIRE(cudaStreamEndCapture(cache.stream.get(), &graph) == cudaSuccess);
    cudaGraphDestroy(graph);
    cache(4);
    CHECK(cache.plans.dropped() == 1);
  }
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("Problems that differ in anything have plans of their own") {
  std::vector<ConvProblem> all{forward_of(1)};
  const auto other = [&](auto change) { change(all.emplace_back(forward_of(1))); };
  other([](ConvProblem& p) { p.pass = ConvPass::backward_data; });
  other([](ConvProblem& p) { p.g.n = 2; });
  other([](ConvProblem& p) { p.g.h = 2; });
  other([](ConvProblem& p) { p.g.w = 2; });
  other([](ConvProblem& p) { p.g.c = 2; });
  other([](ConvProblem& p) { p.g.o = 2; });
  other([](ConvProblem& p) { p.g.kernel = 2; });
  other([](ConvProblem& p) { p.g.stride = 2; });
  other([](ConvProblem& p) { p.g.pad = 2; });
  other([](ConvProblem& p) { p.storage = Storage::bf16; });
  other([](ConvProblem& p) { p.tf32 = true; });
  other([](ConvProblem& p) { p.alignment = 4; });
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < all.size(); ++k) CHECK((all[i] < all[k] || all[k] < all[i]) == (i != k));
}

TEST_CASE("A backend that goes while a convolution is queued keeps its plan until it has run") {
  cuda_test::start_double();
  {
    Cuda cuda({.cache = cuda_test::kernel_cache()});
    const std::vector<float> one(16, 1.f);
    cuda_test::Mirror x(cuda, one), w(cuda, {1.f}), y(cuda, one);
    cuda.run(Conv2dForward<float>{{1, 4, 4, 1, 1, 1, 1, 0}, x.data(), w.data(), nullptr, y.data()});
    // Mirror's arrays go first, then the backend: its destructor waits.
  }
  CHECK(cuda_test::double_faults().empty());
}

}  // namespace plan_cache_test
