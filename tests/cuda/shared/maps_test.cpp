// Maps kept in 16 bits: convolutions, whole nets, memory, and whole runs, with float weights.
#include <cmath>
#include <vector>

#include "../../../benchmarks/run/peer_nets.hpp"
#include "cuda/support/floats.hpp"
#include "cuda/support/on_device.hpp"
#include "cuda/support/small_fit.hpp"
#include "sseg/layer/gelu.hpp"
#include "sseg/layer/global_pool.hpp"
#include "sseg/layer/max_pool.hpp"
#include "sseg/net/frozen_net.hpp"
#include "sseg/net/net_input.hpp"
#include "unit/backend/oracle.hpp"
#include "unit/train/small_run.hpp"

namespace maps_test {

using namespace small_run;
using cuda_test::Floats;
using cuda_test::Listener;
using cuda_test::run_on;
using cuda_test::short_numbers;
using oracle::distance;
using oracle::random;
using oracle::widen;

using Bf16Cuda = BasicCuda<cuda::Storage::bf16>;
using F16Cuda = BasicCuda<cuda::Storage::f16, cuda::GradientScaling::whole_loss>;
static_assert(std::is_same_v<MapOf<Bf16Cuda>, cuda::Bf16> && std::is_same_v<MapOf<F16Cuda>, cuda::F16>);
static_assert(std::is_same_v<MapOf<BasicCuda<cuda::Storage::f16>>, float> && std::is_same_v<MapOf<Cuda>, float> &&
              std::is_same_v<MapOf<Cpu>, float>);
static_assert(!Serves<Cuda, Conv2dForward<float, cuda::Bf16>> && !Serves<Bf16Cuda, Conv2dForward<float, cuda::F16>>);

CudaOptions options(cuda::GraphUse graph = cuda::GraphUse::automatic) {
  return {.cache = cuda_test::kernel_cache(), .graph = graph, .threads = 1};
}

/// A map on the device, `shifted` values behind an address that is a multiple of 256 bytes.
template <class B>
class Map {
 public:
  Map(B& backend, const std::vector<float>& x, Index shifted)
      : backend_(backend), count_(static_cast<Index>(x.size())), shifted_(shifted) {
    b_.lie_in(backend.memory());
    b_.reserve_at_least(count_ + shifted);
    Floats from(backend.memory(), x);
    backend.run(Copy<MapOf<B>, float>{count_, from.data(), data()});
  }
  MapOf<B>* data() { return b_.data() + shifted_; }
  std::vector<float> read() {
    Floats to(backend_.memory(), std::vector<float>(to_size(count_)));
    backend_.run(Copy<float, MapOf<B>>{count_, data(), to.data()});
    return to.read();
  }

 private:
  B& backend_;
  Index count_, shifted_;
  Buffer<MapOf<B>> b_;
};

/// `rounding`: of the format, relative to the largest value.
template <class B>
void convolves(double rounding) {
  B cuda(options());
  using M = MapOf<B>;
  Reference<double> reference;
  for (const ConvGeometry& g : {ConvGeometry{2, 9, 8, 3, 16, 3, 1, 1}, ConvGeometry{3, 7, 7, 16, 8, 3, 2, 1}})
    for (const Index shifted : {0, 1, 2}) {
      INFO("channels " << g.c << " to " << g.o << ", shifted by " << shifted);
      const auto x = short_numbers(g.in_count(), 1), w = short_numbers(g.weight_count(), 2),
                 dy = short_numbers(g.out_count(), 3), bias = short_numbers(g.o, 4);
      const auto xd = widen(x), wd = widen(w), dyd = widen(dy), bd = widen(bias);
      std::vector<double> y(to_size(g.out_count())), dx(x.size()), dw(w.size(), 0.5), dbias(bias.size(), 0.5);
      Map<B> on_x(cuda, x, shifted), on_dy(cuda, dy, shifted), on_y(cuda, dy, shifted), on_dx(cuda, x, shifted);
      Floats on_w(cuda.memory(), w), on_b(cuda.memory(), bias),
          on_dw(cuda.memory(), std::vector<float>(dw.size(), 0.5f)),
          on_dbias(cuda.memory(), std::vector<float>(dbias.size(), 0.5f));
      for (const bool biased : {true, false}) {
        dispatch(cuda,
                 Conv2dForward<float, M>{g, on_x.data(), on_w.data(), biased ? on_b.data() : nullptr, on_y.data()});
        reference.run(Conv2dForward<double>{g, xd.data(), wd.data(), biased ? bd.data() : nullptr, y.data()});
        CHECK(distance(y, on_y.read()) < rounding);
      }
      dispatch(cuda, Conv2dBackwardData<float, M>{g, on_dy.data(), on_w.data(), on_dx.data()});
      dispatch(cuda, Conv2dBackwardWeights<float, M>{g, on_x.data(), on_dy.data(), on_dw.data(), on_dbias.data()});
      reference.run(Conv2dBackwardData<double>{g, dyd.data(), wd.data(), dx.data()});
      reference.run(Conv2dBackwardWeights<double>{g, xd.data(), dyd.data(), dw.data(), dbias.data()});
      CHECK(distance(dx, on_dx.read()) < rounding);
      CHECK(distance(dw, on_dw.read()) < rounding);
      CHECK(distance(dbias, on_dbias.read()) < 1e-6);  // float all through
    }
}

/// A net with everything that lies between maps.
template <class Readout>
auto some_net() {
  auto cnn = SeedNetwork{.initial_channels = 6, .num_blocks = 2}.build<Readout>(image);
  for (auto& slot : stages(cnn).slots)
    for (int i = 0; i < 2; ++i) {
      residuals(slot.block).push_back(make_identity_block(width(slot.block)));
      norm_of(residuals(slot.block)[i]).gamma_init = 0.7f;
    }
  return cnn;
}

/// What a pass through a net gives.
struct Pass {
  std::vector<float> y, dx;
  Buffer<float> grad, state;
};

template <class B, class Net>
Pass pass(B& backend, const Net& net, float size = 1) {
  const Shape in{3, image[0], image[1], image[2]};
  ParamStore<float> store = make_store<float>(net, 0, Rng(7));
  store.move_to(memory_of(backend));
  const Shape out = net.out_shape(in);
  Floats x(memory_of(backend), random(in.count(), 1)), dy(memory_of(backend), [&] {
    auto g = random(out.count(), 2);
    for (float& v : g) v *= size;
    return g;
  }());
  Trace<float> trace;
  const View<const float> seen{x.data(), in};
  Pass p;
  const auto read = [&](View<const float> v) {
    Buffer<float> copy;
    copy.lie_in(memory_of(backend));
    copy.reserve_at_least(v.shape.count());
    dispatch(backend, Copy<float>{v.shape.count(), v.data, copy.data()});
    std::vector<float> host(to_size(v.shape.count()));
    copy.download(host);
    return host;
  };
  p.y = read(trace.forward(backend, net, store, seen, Mode::train));
  p.dx = read(trace.backward(backend, net, store, seen, {dy.data(), out}, true));
  store.move_to(nullptr);
  p.grad = store.grad, p.state = store.state;
  for (float& g : p.grad) g /= size;
  for (float& g : p.dx) g /= size;
  return p;
}

template <class A>
double relative_error(const A& want, const A& got) {
  REQUIRE(want.size() == got.size());
  double off = 0, all = 0;
  auto w = want.begin();
  for (const float g : got) {
    off += std::pow(static_cast<double>(g) - static_cast<double>(*w), 2);
    all += std::pow(static_cast<double>(*w++), 2);
  }
  return std::sqrt(off / all);
}

template <class B, class Net>
void near_the_cpu(const Net& net, double forward, double backward, float size = 1) {
  Cpu cpu(1);
  B cuda(options());
  const Pass want = pass(cpu, net), got = pass(cuda, net, size);
  CHECK(relative_error(want.y, got.y) < forward);
  CHECK(relative_error(want.state, got.state) < forward);
  CHECK(relative_error(want.grad, got.grad) < backward);
  CHECK(relative_error(want.dx, got.dx) < backward);
  CHECK(relative_error(want.y, got.y) > 1e-5);  // maps were rounded
}

/// A whole run, its losses near those of the Cpu as long as both have the same net.
template <class B>
void trains_near_the_cpu(double tolerance) {
  State here = start(), there = start();
  Cpu cpu(1);
  const Listener want = run_on(cpu, here);
  B cuda(options());
  if constexpr (ScalesLoss<B>) cuda.loss_scale() = LossScale({.first = 1024});
  const Listener got = run_on(cuda, there);
  if constexpr (ScalesLoss<B>) CHECK(cuda.loss_scale().skipped() == 0);
  REQUIRE(got.losses.size() == want.losses.size());
  REQUIRE(there.history.size() >= 2);
  CHECK(there.history.size() == here.history.size());
  for (std::size_t i = 0; i < want.losses.size(); ++i) {
    INFO("step " << i + 1 << ": " << got.losses[i] << ", on the Cpu " << want.losses[i]);
    CHECK(got.losses[i] == Approx(want.losses[i]).epsilon(tolerance));
  }
  Index finer = 0;  // than 16 bits can tell: weights are float
  for (const float w : there.model.student.value) finer += std::bit_cast<std::uint32_t>(w) % (1u << 13) != 0 ? 1 : 0;
  CHECK(finer > there.model.student.value.size() / 2);
}

template <class B>
std::size_t in_use(B& backend) {
  return backend.device().pool()->bytes_in_use();
}

/// Bytes that the backend's device holds for a training pass through a net, beside weights and images: trace and
/// workspace.
struct Used {
  std::size_t trace, workspace;
};
template <class B, class Net>
Used bytes_of_a_pass(const Net& net, Shape in) {
  B backend(options());
  ParamStore<float> store = make_store<float>(net, 0, Rng(1));
  store.move_to(memory_of(backend));
  Floats x(backend.memory(), std::vector<float>(to_size(in.count()))),
      dy(backend.memory(), std::vector<float>(to_size(net.out_shape(in).count())));
  const std::size_t before = in_use(backend);
  Used used{};
  {
    Trace<float> trace;
    const View<const float> seen{x.data(), in};
    trace.forward(backend, net, store, seen, Mode::train);
    trace.backward(backend, net, store, seen, {dy.data(), net.out_shape(in)});
    used.trace = static_cast<std::size_t>(trace.bytes());
    used.workspace = in_use(backend);
  }
  used.workspace = in_use(backend) - before;
  return used;
}

TEST_CASE("Convolutions of bfloat16 maps are the reference's but for the rounding of their results") {
  SSEG_ON_DEVICE();
  convolves<Bf16Cuda>(1. / 256);
}

TEST_CASE("Convolutions of f16 maps are the reference's but for the rounding of their results") {
  SSEG_ON_DEVICE();
  convolves<F16Cuda>(1. / 2048);
}

TEST_CASE("Convolutions of maps in 16 bits that cuDNN cannot number are refused, and those of nothing are nothing") {
  SSEG_ON_DEVICE();
  Bf16Cuda cuda(options());
  const ConvGeometry huge{1 << 20, 64, 64, 32, 32, 3, 1, 1}, none{0, 8, 8, 4, 4, 3, 1, 1};
  CHECK_THROWS_WITH(dispatch(cuda, Conv2dForward<float, cuda::Bf16>{huge, nullptr, nullptr, nullptr, nullptr}),
                    Catch::Matchers::Contains("31 bits"));
  dispatch(cuda, Conv2dForward<float, cuda::Bf16>{none, nullptr, nullptr, nullptr, nullptr});
  dispatch(cuda, Conv2dBackwardWeights<float, cuda::Bf16>{none, nullptr, nullptr, nullptr, nullptr});
}

TEST_CASE("A net with maps in 16 bits has the features and gradients of the Cpu but for rounding") {
  SSEG_ON_DEVICE();
  const auto smooth =
      chain(Conv2d{.in = 1, .out = 5}, batch_norm(5), Gelu{},
            Residual<Chain<Conv2d, NormReluPool>>{chain(Conv2d{.in = 5, .out = 5}, batch_norm(5))}, GlobalPool{});
  near_the_cpu<Bf16Cuda>(smooth, 0.01, 0.02);
  near_the_cpu<F16Cuda>(smooth, 0.002, 0.003, 64);
  near_the_cpu<F16Cuda>(some_net<Flatten>(), 0.002, 0.01, 64);
  near_the_cpu<F16Cuda>(some_net<GlobalPool>(), 0.002, 0.01, 64);
  // Seven bits of mantissa change which value of a window is the largest, and which side of a ReLU one is on.
  near_the_cpu<Bf16Cuda>(some_net<Flatten>(), 0.02, 0.2);
  near_the_cpu<Bf16Cuda>(some_net<GlobalPool>(), 0.02, 0.2);
  near_the_cpu<Bf16Cuda>(
      chain(Conv2d{.in = 1, .out = 5}, batch_norm(5), Gelu{}, MaxPool(2), Conv2d{.in = 5, .out = 3}, Relu{}, Flatten{}),
      0.02, 0.2);
}

TEST_CASE("Maps in 16 bits that are made again for backward have the same bits") {
  SSEG_ON_DEVICE();
  auto net = some_net<GlobalPool>();
  Bf16Cuda cuda(options());
  const Pass kept = pass(cuda, net);
  set_recompute(net, true);
  const Pass again = pass(cuda, net);
  CHECK((again.y == kept.y && again.dx == kept.dx && again.grad == kept.grad && again.state == kept.state));
}

TEST_CASE("A frozen net with maps in 16 bits gives what a trace does in evaluation") {
  SSEG_ON_DEVICE();
  const auto net = some_net<Flatten>();
  Bf16Cuda cuda(options());
  const Shape in{3, image[0], image[1], image[2]};
  ParamStore<float> store = make_store<float>(net, 0, Rng(7));
  FrozenNet frozen(cuda, net, store);
  store.move_to(cuda.memory());
  Floats x(cuda.memory(), random(in.count(), 1));
  Trace<float> trace;
  const Index count = net.out_shape(in).count();
  std::vector<float> one(to_size(count)), other(one);
  cuda.memory()->download(one.data(), trace.infer(cuda, net, store, {x.data(), in}).data, one.size() * 4);
  cuda.memory()->download(other.data(), frozen({x.data(), in}).data, other.size() * 4);
  CHECK(one == other);
}

TEST_CASE("Maps in 16 bits halve the memory of a training pass") {
  SSEG_ON_DEVICE();
  for (const auto& [input, size] : bench::inputs) {
    if (input == "84") continue;  // takes a double of the device too long
    for (const auto& [name, widths] : bench::nets) {
      const auto net = bench::make_backbone<GlobalPool>(widths, size.channels);
      const Shape in{2, size.side, size.side, size.channels};
      const Used f32 = bytes_of_a_pass<Cuda>(net, in), bf16 = bytes_of_a_pass<Bf16Cuda>(net, in);
      INFO("net " << name << " on " << input << ": " << f32.trace << " bytes in float, " << bf16.trace << " in bf16");
      CHECK(static_cast<double>(bf16.trace) < 0.53 * static_cast<double>(f32.trace));
      CHECK(bf16.workspace <= f32.workspace);  // no copies of images
    }
  }
}

TEST_CASE("A whole run with mutations on bfloat16 maps stays near the Cpu's") {
  SSEG_ON_DEVICE();
  trains_near_the_cpu<Bf16Cuda>(0.1);
}

TEST_CASE("A whole run with mutations on f16 maps, the loss scaled, stays near the Cpu's") {
  SSEG_ON_DEVICE();
  trains_near_the_cpu<F16Cuda>(0.05);
}

TEST_CASE("Steps on bfloat16 maps have the same bits as graphs and call by call, with routing too") {
  SSEG_ON_DEVICE();
  for (const SmallRecipe& r : {recipe(), routed_recipe()}) {
    State one = start(), other = start();
    Bf16Cuda played(options(cuda::GraphUse::off)), captured(options());
    const Listener a = run_on(played, one, r), b = run_on(captured, other, r);
    CHECK(a.losses == b.losses);
    CHECK(same_bits(one, other));
    CHECK(captured.device().work().graphs().launched() > 0);
  }
}

}  // namespace maps_test
