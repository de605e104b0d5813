// Tensors of a device that go over the host: sums of gradients in buckets, and between them the norms' sums, which may
// be as long. Buckets come to the host early on one rank and late on another.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "mpi/ranks.hpp"
#include "sseg/dist/tensor_ranks.hpp"
#include "support/catch.hpp"

namespace norms_among_buckets_test {

using namespace sseg;

namespace {

/// Host memory in the part of a device's; `waited`: somebody has waited for it.
struct Elsewhere final : Memory {
  bool waited = false;
  void* take(std::size_t bytes) override { return std::malloc(bytes); }
  void give_back(void* p, std::size_t) noexcept override { std::free(p); }
  void clear(void* p, std::size_t bytes) override { std::fill_n(static_cast<std::byte*>(p), bytes, std::byte{}); }
  void copy(void* to, const void* from, std::size_t bytes) override {
    std::copy_n(static_cast<const std::byte*>(from), bytes, static_cast<std::byte*>(to));
  }
  void upload(void* to, const void* from, std::size_t bytes) override { copy(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) override {
    waited = true;
    copy(to, from, bytes);
  }
};

/// Copies of a fast one arrive at once, those of a slow one when somebody waits.
struct Device {
  static constexpr std::string_view name = "device";
  using Scalar = float;
  using Space = DeviceSpace;
  struct Later {
    std::vector<float> here;
    std::shared_ptr<Elsewhere> of;
    bool fast = false;
    bool arrived() const { return fast || of->waited; }
    void wait() { of->waited = true; }
    void* data() { return here.data(); }
  };
  bool fast = false;
  std::shared_ptr<Elsewhere> there = std::make_shared<Elsewhere>();

  std::shared_ptr<Memory> memory() const { return there; }
  void bring_later(Later& later, const float* from, Index n) {
    later.here.assign(from, from + n);
    later.of = there, later.fast = fast;
    there->waited = false;
  }
  void take_back(Later& later, float* to, Index n) { std::copy_n(later.here.begin(), n, to); }
};

}  // namespace

TEST_CASE("Sums of norms find their place among buckets, however fast each rank's device is") {
  const int k = ranks().size();
  float sum = 0;
  for (int r = 1; r <= k; ++r) sum += static_cast<float>(r);
  for (const std::size_t norm : {1000u, 2050u, 4000u, 8000u}) {
    INFO(norm);
    Device device{ranks().rank() == 0};
    TensorRanks<Device, Mpi> tensors(device, ranks(), 4000);
    std::vector<float> gradients(8000, static_cast<float>(ranks().rank() + 1)), moments(norm, 10);
    tensors.begin_sum(gradients);
    tensors.done(std::span<const float>(gradients).subspan(4000));
    tensors.all_reduce(moments);
    tensors.done(std::span<const float>(gradients).first(4000));
    tensors.end_sum();
    CHECK(gradients == std::vector<float>(8000, sum));
    CHECK(moments == std::vector<float>(norm, 10 * static_cast<float>(k)));
  }
}

TEST_CASE("A backward pass that fails leaves nothing that is written later") {
  Device device;
  TensorRanks<Device, Mpi> tensors(device, ranks(), 4000);
  std::vector<float> failed(8000, 1), next(8000, 1);
  tensors.begin_sum(failed);
  tensors.done(std::span<const float>(failed).subspan(4000));
  tensors.abandon_sum();
  std::fill(failed.begin(), failed.end(), 5.f);  // somebody else's by now
  tensors.begin_sum(next);
  tensors.done(next);
  tensors.end_sum();
  CHECK(failed == std::vector<float>(8000, 5));
  CHECK(next == std::vector<float>(8000, static_cast<float>(ranks().size())));
}

}  // namespace norms_among_buckets_test
