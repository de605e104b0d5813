#include <vector>

#include "cuda/double/control.hpp"
#include "cuda/double/cudnn_engines.hpp"
#include "cuda/double/number.hpp"
#include "sseg/backend/cuda/conv_plan.hpp"
#include "sseg/backend/cuda/device_array.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/core/rng.hpp"
#include "support/catch.hpp"

namespace cudnn_test {

using namespace sseg;
using namespace sseg::cuda;
namespace dbl = cuda_double;

namespace {

std::vector<double> drawn(Index count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> v(to_size(count));
  for (double& x : v) x = static_cast<double>(rng.normal());
  return v;
}

double rounded(double v, Storage s) {
  const auto f = static_cast<float>(v);
  if (s == Storage::f16) return static_cast<double>(dbl::from_f16(dbl::to_f16(f)));
  if (s == Storage::bf16) return static_cast<double>(dbl::from_bf16(dbl::to_bf16(f)));
  return static_cast<double>(f);
}

std::vector<char> packed(const std::vector<double>& v, Storage s) {
  std::vector<char> bytes(v.size() * to_size(bytes_of(s)));
  for (std::size_t i = 0; i < v.size(); ++i) {
    const auto f = static_cast<float>(v[i]);
    const std::uint16_t half = s == Storage::f16 ? dbl::to_f16(f) : dbl::to_bf16(f);
    if (s == Storage::f32)
      std::memcpy(bytes.data() + 4 * i, &f, 4);
    else
      std::memcpy(bytes.data() + 2 * i, &half, 2);
  }
  return bytes;
}

std::vector<double> unpacked(const std::vector<char>& bytes, Storage s) {
  std::vector<double> v(bytes.size() / to_size(bytes_of(s)));
  for (std::size_t i = 0; i < v.size(); ++i) {
    float f = 0;
    std::uint16_t half = 0;
    std::memcpy(s == Storage::f32 ? static_cast<void*>(&f) : &half, bytes.data() + i * to_size(bytes_of(s)),
                to_size(bytes_of(s)));
    v[i] = static_cast<double>(s == Storage::f32 ? f : s == Storage::f16 ? dbl::from_f16(half) : dbl::from_bf16(half));
  }
  return v;
}

/// Weights as the library keeps them, (taps, C, O), from cuDNN's (O, taps, C).
std::vector<double> taps_first(const std::vector<double>& w, const ConvGeometry& g) {
  std::vector<double> out(w.size());
  const Index taps = g.kernel * g.kernel;
  for (Index o = 0; o < g.o; ++o)
    for (Index t = 0; t < taps; ++t)
      for (Index c = 0; c < g.c; ++c) out[to_size((t * g.c + c) * g.o + o)] = w[to_size((o * taps + t) * g.c + c)];
  return out;
}

struct Device {
  Stream stream;
  CudnnHandle handle{stream};
  std::shared_ptr<DevicePool> pool = std::make_shared<DevicePool>();

  DeviceArray<char> put(const std::vector<char>& bytes) {
    DeviceArray<char> a(pool, static_cast<Index>(bytes.size()));
    a.upload(stream, bytes);
    return a;
  }
  std::vector<char> get(const DeviceArray<char>& a) {
    std::vector<char> bytes(to_size(a.size()));
    a.download(stream, bytes);
    return bytes;
  }
};

struct Tensors {
  std::vector<double> image, weights, out, bias;
};

Tensors tensors_for(const ConvGeometry& g, Storage s) {
  Tensors t{drawn(g.in_count(), 1), drawn(g.weight_count(), 2), drawn(g.out_count(), 3), drawn(g.o, 4)};
  for (auto* const v : {&t.image, &t.weights, &t.out, &t.bias})
    for (double& x : *v) x = rounded(x, s);
  return t;
}

/// The pass by the reference, on weights in cuDNN's order.
std::vector<double> by_the_book(ConvPass pass, const ConvGeometry& g, const Tensors& t) {
  Reference<double> reference;
  const std::vector<double> w = taps_first(t.weights, g);
  if (pass == ConvPass::backward_data) {
    std::vector<double> dx(t.image.size());
    reference.run(Conv2dBackwardData<double>{g, t.out.data(), w.data(), dx.data()});
    return dx;
  }
  if (pass == ConvPass::backward_weights) {
    std::vector<double> dw(w.size());
    reference.run(Conv2dBackwardWeights<double>{g, t.image.data(), t.out.data(), dw.data(), nullptr});
    return dw;
  }
  std::vector<double> y(t.out.size());
  const double* const bias = has_bias(pass) ? t.bias.data() : nullptr;
  reference.run(Conv2dForward<double>{g, t.image.data(), w.data(), bias, y.data()});
  if (pass == ConvPass::forward_bias_relu)
    for (double& v : y) v = std::max(v, 0.0);
  return y;
}

std::vector<double> by_the_double(Device& device, const ConvProblem& p, const Tensors& t) {
  const ConvPlan plan(device.handle, p);
  DeviceArray<char> image = device.put(packed(t.image, p.storage)), weights = device.put(packed(t.weights, p.storage));
  DeviceArray<char> out = device.put(packed(t.out, p.storage)), bias = device.put(packed(t.bias, p.storage));
  DeviceArray<char> workspace(device.pool, plan.workspace());
  plan.run(device.handle, {image.data(), weights.data(), out.data(), bias.data()}, workspace.data());
  if (p.pass == ConvPass::backward_data) return unpacked(device.get(image), p.storage);
  if (p.pass == ConvPass::backward_weights) return taps_first(unpacked(device.get(weights), p.storage), p.g);
  return unpacked(device.get(out), p.storage);
}

constexpr ConvGeometry odd{2, 7, 5, 3, 4, 3, 2, 1};

}  // namespace

TEST_CASE("Convolutions of the double agree with the reference") {
  dbl::start();
  const ConvGeometry geometries[]{odd, {1, 6, 6, 2, 5, 1, 1, 0}, {2, 8, 9, 4, 3, 5, 1, 2}, {1, 4, 4, 1, 2, 3, 1, 0}};
  for (const Storage s : {Storage::f32, Storage::f16, Storage::bf16})
    for (const ConvPass pass : {ConvPass::forward, ConvPass::forward_bias, ConvPass::forward_bias_relu,
                                ConvPass::backward_data, ConvPass::backward_weights})
      for (const ConvGeometry& g : geometries) {
        Device device;
        const ConvProblem problem{pass, g, s};
        INFO(problem.text());
        const Tensors t = tensors_for(g, s);
        const std::vector<double> want = by_the_book(pass, g, t), got = by_the_double(device, problem, t);
        REQUIRE(want.size() == got.size());
        const double tolerance = s == Storage::f32 ? 1e-6 : s == Storage::f16 ? 1e-3 : 8e-3;
        for (std::size_t i = 0; i < want.size(); ++i)
          REQUIRE(std::abs(want[i] - got[i]) <= tolerance * (1 + std::abs(want[i])));
      }
  CHECK(dbl::complaints().empty());
  CHECK(dbl::leaks().empty());
}

TEST_CASE("An engine with tensor cores rounds float to TF32, and says so") {
  dbl::start();
  Device device;
  const Tensors t = tensors_for(odd, Storage::f32);
  const auto worst = [&](bool tf32) {
    const ConvProblem problem{ConvPass::forward, odd, Storage::f32, tf32};
    const std::vector<double> want = by_the_book(problem.pass, odd, t), got = by_the_double(device, problem, t);
    double error = 0;
    for (std::size_t i = 0; i < want.size(); ++i) error = std::max(error, std::abs(want[i] - got[i]));
    return error;
  };
  CHECK(worst(false) < 1e-5);
  CHECK(worst(true) > 1e-4);
  CHECK(worst(true) < 1e-2);
  CHECK(ConvPlan(device.handle, {ConvPass::forward, odd, Storage::f32, false}).tried() == dbl::engine_exact + 1);
}

TEST_CASE("A card without bfloat16 has no plan for it") {
  dbl::Card t4;
  t4.name = "Tesla T4", t4.major = 7, t4.minor = 5;
  dbl::start({t4});
  Device device;
  CHECK_THROWS_WITH(ConvPlan(device.handle, {ConvPass::forward, odd, Storage::bf16}),
                    Catch::Matchers::Contains("Tesla T4 has no bfloat16"));
  CHECK(ConvPlan(device.handle, {ConvPass::forward, odd, Storage::f16}).workspace() > 0);
}

TEST_CASE("A plan checks its pointers and its workspace") {
  dbl::start();
  Device device;
  const ConvProblem problem{ConvPass::forward, odd, Storage::f32};
  const ConvPlan plan(device.handle, problem);
  DeviceArray<float> x(device.pool, odd.in_count()), w(device.pool, odd.weight_count()),
      y(device.pool, odd.out_count());
  DeviceArray<char> workspace(device.pool, plan.workspace());
  const auto refused = [&](ConvTensors t, void* room, const char* why) {
    CHECK_THROWS_WITH(plan.run(device.handle, t, room), Catch::Matchers::Contains(why));
    CHECK(dbl::take_complaints().size() == 1);
  };
  std::vector<float> host(to_size(odd.in_count()));
  refused({host.data(), w.data(), y.data()}, workspace.data(), "tensor id 1 is not in device memory");
  refused({x.data() + 4, w.data(), y.data() + (512 - odd.out_count())}, workspace.data(), "tensor id");
  refused({x.data(), w.data(), y.data()}, nullptr, "the workspace is not in device memory");
  refused({x.data(), x.data(), y.data()}, workspace.data() + 4096, "the workspace");
  refused({x.data(), w.data(), x.data()}, workspace.data(), "overlap");
  DeviceArray<char> shifted(device.pool, 4096);
  refused({shifted.data() + 4, w.data(), y.data()}, workspace.data(), "not aligned to 16 bytes");
}

TEST_CASE("Descriptors are checked as they are made") {
  dbl::start();
  const auto refused = [](const auto& f, const char* why) {
    CHECK_THROWS_WITH(f(), Catch::Matchers::Contains(why));
    dbl::take_complaints();
  };
  refused([] { ConvGraph({ConvPass::forward, {1, 4, 4, 0, 2, 3, 1, 1}}, nullptr); }, "size of 0");
  refused([] { CudnnDescriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR).finalize("here"); }, "is missing");
  refused([] { CudnnDescriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR).set(CUDNN_ATTR_TENSOR_UNIQUE_ID, 1.f); },
          "another type");
  refused([] { CudnnDescriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR).set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_POINTWISE_ADD); },
          "has no attribute");
  refused(
      [] {
        CudnnDescriptor open(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
        CudnnDescriptor(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR).set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, open);
      },
      "not finalized");
  CHECK(dbl::leaks().empty());
}

}  // namespace cudnn_test
