#include <cmath>
#include <numeric>
#include <vector>

#include "cuda/support/on_device.hpp"
#include "sseg/backend/cuda/event.hpp"
#include "sseg/core/buffer.hpp"

namespace memory_test {

// What the backend keeps on the device, and in which order it is used.

using namespace sseg;
using cuda::DeviceArray;
using cuda::DevicePool;

namespace {

std::vector<float> counted(Index n) {
  std::vector<float> v(to_size(n));
  std::iota(v.begin(), v.end(), 1.f);
  return v;
}

}  // namespace

TEST_CASE("Sizes of blocks are rounded up, by an eighth at most where that is more than 512 bytes") {
  CHECK(DevicePool::rounded(1) == 512);
  CHECK(DevicePool::rounded(512) == 512);
  CHECK(DevicePool::rounded(513) == 1024);
  CHECK(DevicePool::rounded(5000) == 5120);
  CHECK(DevicePool::rounded((1 << 20) + 1) == (1 << 20) + (1 << 17));
  for (std::size_t n = 1; n < 1 << 22; n = n * 5 / 4 + 1) {
    const std::size_t r = DevicePool::rounded(n);
    CHECK((r >= n && DevicePool::rounded(r) == r && (r <= n + n / 8 || r - n < 512)));
  }
}

TEST_CASE("A pool hands a block out again before it asks the device, and gives all back in the end") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  DevicePool pool;
  void* const first = pool.take(1000);
  CHECK(reinterpret_cast<std::uintptr_t>(first) % 256 == 0);
  CHECK((pool.bytes_in_use() == 1024 && pool.bytes_held() == 1024 && pool.allocations() == 1));
  pool.give_back(first, 1000);
  CHECK((pool.bytes_in_use() == 0 && pool.bytes_held() == 1024));
  CHECK(pool.take(900) == first);  // rounds to the same
  void* const other = pool.take(900);
  CHECK(other != first);
  CHECK(pool.allocations() == 2);
  pool.give_back(first, 900);
  pool.give_back(other, 900);
  pool.trim();
  CHECK((pool.bytes_held() == 0 && pool.bytes_in_use() == 0));
  CHECK(pool.take(0) == nullptr);
  pool.give_back(nullptr, 0);
}

TEST_CASE("A pool with a limit gives back what nobody uses before it goes beyond, and refuses in words") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  DevicePool pool(4096);
  void* const small = pool.take(1024);
  pool.give_back(pool.take(2048), 2048);
  CHECK(pool.bytes_held() == 3072);
  void* const large = pool.take(3072);  // fits beside the small one only
  CHECK((pool.bytes_held() == 4096 && pool.bytes_in_use() == 4096));
  try {
    pool.take(512);
    FAIL("taken");
  } catch (const Error& e) {
    CHECK(e.what_happened() == "the backend may hold 4096 bytes of the device, 4096 are in use");
    CHECK(e.where().find("512 bytes") != std::string::npos);
    CHECK(e.cure().find("CudaOptions::most_memory") != std::string::npos);
  }
  pool.give_back(large, 3072);
  pool.give_back(pool.take(512), 512);  // in the large one's place
  CHECK(pool.bytes_held() == 1024 + 512);
  pool.give_back(small, 1024);
}

TEST_CASE("The limit of a backend's memory is what its options say") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache(), .most_memory = std::size_t{40} << 20});
  Buffer<char> large;
  large.lie_in(cuda.memory());
  CHECK_THROWS_WITH(large.reserve_at_least(Index{32} << 20), Catch::Matchers::Contains("may hold 41943040 bytes"));
  large.reserve_at_least(Index{4} << 20);
  CHECK(cuda.device().pool()->bytes_held() <= std::size_t{40} << 20);
}

TEST_CASE("What the device cannot give is an error that says how much, and what would help") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  DevicePool pool;
  try {
    pool.take(std::size_t{1} << 50);
    FAIL("taken");
  } catch (const Error& e) {
    CHECK(e.where().find("1125899906842624 bytes") != std::string::npos);
    CHECK(e.cure().find("fewer images") != std::string::npos);
  }
  CHECK(pool.bytes_in_use() == 0);
  pool.give_back(pool.take(100), 100);  // it goes on
}

TEST_CASE("Arrays carry values to the device and back, move, and grow") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  const auto& stream = cuda.device().stream();
  DeviceArray<float> a(cuda.device().pool(), 5);
  a.upload(stream, counted(5));
  DeviceArray<float> b = std::move(a);
  std::vector<float> back(5);
  b.download(stream, back);
  CHECK(back == counted(5));
  const float* const before = b.data();
  b.reserve_at_least(cuda.device().pool(), 3);
  CHECK((b.data() == before && b.size() == 5));
  b.reserve_at_least(cuda.device().pool(), 3000);
  CHECK(b.size() == 3000);
}

TEST_CASE("Buffers move to the device and back, are cleared and copied there") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  Buffer<float> a(7);
  a.upload(counted(7));
  a.move_to(cuda.memory());
  Buffer<float> b = a;
  a.resize(7);
  a.move_to(nullptr);
  b.move_to(nullptr);
  for (Index i = 0; i < 7; ++i) CHECK((a[i] == 0 && b[i] == static_cast<float>(i + 1)));
}

TEST_CASE("What was given to an upload may change right after, however many follow each other") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  std::vector<Buffer<float>> there(23);
  std::vector<float> x;
  for (std::size_t i = 0; i < there.size(); ++i) {
    const Index n = static_cast<Index>(1 + i * i * 100);
    there[i].lie_in(cuda.memory());
    there[i].reserve_at_least(n);
    x.assign(to_size(n), static_cast<float>(i + 1));
    there[i].upload(x);
    x.assign(to_size(n), -1.f);
  }
  for (std::size_t i = 0; i < there.size(); ++i) {
    std::vector<float> back(to_size(there[i].size()));
    there[i].download(back);
    CHECK(back == std::vector<float>(back.size(), static_cast<float>(i + 1)));
  }
}

TEST_CASE("An upload that is too large for page-locked memory goes to the device directly") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  std::vector<char> x(cuda::Staging::most_bytes + 1, 'x');
  Buffer<char> there;
  there.lie_in(cuda.memory());
  there.reserve_at_least(static_cast<Index>(x.size()));
  there.upload(x);
  x.assign(x.size(), '-');
  there.download(x);
  CHECK((x.front() == 'x' && x.back() == 'x'));
}

TEST_CASE("One stream waits for another's mark, and time passes between two") {
  SSEG_ON_DEVICE();
  Cuda cuda({.cache = cuda_test::kernel_cache()});
  const cuda::Stream here, there;
  cuda::Event begin, written, end;
  DeviceArray<float> a(cuda.device().pool(), 1000);
  const auto x = counted(1000);
  begin.record(here);
  a.upload(here, x);
  written.record(here);
  written.hold_back(there);
  std::vector<float> back(1000);
  a.download(there, back);
  CHECK(back == x);
  end.record(there);
  end.wait();
  CHECK(end.milliseconds_since(begin) >= 0);
  here.wait();
}

}  // namespace memory_test
