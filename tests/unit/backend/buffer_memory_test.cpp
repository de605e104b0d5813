#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/backend/from_host.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/backend/to_host.hpp"
#include "sseg/core/buffer.hpp"
#include "support/away.hpp"
#include "support/catch.hpp"

namespace buffer_memory_test {

// Buffers in a memory that the host cannot touch, and what carries tensors there and back.

using namespace sseg;

namespace {

std::vector<float> counted(Index n) {
  std::vector<float> v(to_size(n));
  for (Index i = 0; i < n; ++i) v[to_size(i)] = static_cast<float>(i + 1);
  return v;
}
std::vector<float> values_of(const Buffer<float>& b) {
  std::vector<float> v(to_size(b.size()));
  b.download(v);
  return v;
}

}  // namespace

TEST_CASE("A buffer moves to another memory and back with what it holds") {
  const auto memory = std::make_shared<AwayMemory>();
  Buffer<float> b(5);
  std::copy_n(counted(5).begin(), 5, b.begin());
  CHECK(b.on_host());
  b.move_to(memory);
  CHECK_FALSE(b.on_host());
  CHECK(b.memory() == memory);
  CHECK(values_of(b) == counted(5));
  b.move_to(memory);  // there already
  CHECK(memory->blocks() == 1);
  b.move_to(nullptr);
  CHECK(memory->blocks() == 0);
  CHECK(std::equal(b.begin(), b.end(), counted(5).begin()));
  Buffer<float> none;
  none.move_to(memory);
  CHECK((none.size() == 0 && memory->blocks() == 0));
}

TEST_CASE("Copies of a buffer lie where it lies, and each gives back its own") {
  const auto memory = std::make_shared<AwayMemory>();
  {
    Buffer<float> a(3);
    a.upload(counted(3));
    a.move_to(memory);
    Buffer<float> b = a, c(7);
    c = a;
    CHECK(memory->blocks() == 3);
    CHECK((b.memory() == memory && c.memory() == memory));
    a.resize(3);  // zeros
    CHECK(values_of(a) == std::vector<float>(3, 0.f));
    CHECK(values_of(b) == counted(3));
    CHECK(values_of(c) == counted(3));
    Buffer<float> d = std::move(b);
    CHECK(values_of(d) == counted(3));
    c = Buffer<float>(2);  // a moved value brings its place along
    CHECK((c.on_host() && c.size() == 2 && c[1] == 0));
  }
  CHECK(memory->blocks() == 0);
}

TEST_CASE("A buffer elsewhere grows, shrinks and changes its place as one on the host") {
  const auto memory = std::make_shared<AwayMemory>();
  Buffer<float> b;
  b.lie_in(memory);
  b.reserve_at_least(4);
  CHECK(b.size() == 4);
  CHECK(std::isnan(values_of(b)[0]));  // unspecified
  const float* const before = b.data();
  b.reserve_at_least(2);
  CHECK((b.size() == 4 && b.data() == before));
  b.resize(9000);
  CHECK(values_of(b) == std::vector<float>(9000, 0.f));
  b.upload(counted(9000));
  b.keep_first(3);
  CHECK(values_of(b) == counted(3));
  CHECK(memory->blocks() == 1);
  b.lie_in(nullptr);
  CHECK((b.on_host() && b.size() == 0 && memory->blocks() == 0));
}

TEST_CASE("A buffer keeps its memory alive") {
  Buffer<float> b(3);
  b.move_to(std::make_shared<AwayMemory>());
  CHECK(values_of(b) == std::vector<float>(3, 0.f));
}

TEST_CASE("Tensors are carried to a backend's memory and back, and not at all where that is the host") {
  const auto x = counted(6);
  const View<const float> here{x.data(), {2, 3}};
  FromHost<float> bring;
  ToHost<float> fetch;
  Reference<float> host;
  CHECK(bring(host, here).data == x.data());
  CHECK(fetch(host, here).data == x.data());
  CHECK(memory_of(host) == nullptr);

  Away<Reference<float>> away;
  const View<const float> there = bring(away, here);
  CHECK(there.data != x.data());
  CHECK(there.shape == here.shape);
  Buffer<float> twice;
  reserve_for(away, twice, 6);
  dispatch(away, Scale<float>{6, 2.f, there.data, twice.data(), false});
  const auto back = fetch(away, View<const float>{twice.data(), {2, 3}}).flat();
  for (std::size_t i = 0; i < 6; ++i) CHECK(back[i] == 2 * x[i]);
  CHECK(bring(away, View<const float>{}).data == nullptr);
}

}  // namespace buffer_memory_test
