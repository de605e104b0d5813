#include "sseg/core/buffer.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "support/catch.hpp"

namespace buffer_test {

using sseg::Buffer;
using sseg::Index;

namespace {

template <class T>
bool aligned(const Buffer<T>& b) {
  return reinterpret_cast<std::uintptr_t>(b.data()) % 64 == 0;
}

Buffer<float> counting(Index n) {
  Buffer<float> b(n);
  for (Index i = 0; i < n; ++i) b[i] = static_cast<float>(i + 1);
  return b;
}

}  // namespace

TEST_CASE("a buffer starts with zeros on a cache line") {
  for (const Index n : {1, 3, 16, 17, 1000}) {
    const Buffer<float> floats(n);
    const Buffer<double> doubles(n);
    const Buffer<char> bytes(n);
    CHECK((aligned(floats) && aligned(doubles) && aligned(bytes)));
    CHECK(floats.size() == n);
    CHECK(std::all_of(floats.begin(), floats.end(), [](float v) { return v == 0; }));
    CHECK(std::all_of(doubles.begin(), doubles.end(), [](double v) { return v == 0; }));
    CHECK(std::all_of(bytes.begin(), bytes.end(), [](char v) { return v == 0; }));
  }
}

TEST_CASE("an empty buffer is a buffer") {
  Buffer<float> b;
  CHECK(b.size() == 0);
  CHECK(b.begin() == b.end());
  CHECK(b.span().empty());
  CHECK(b == Buffer<float>(0));
  const Buffer<float> copy = b;
  CHECK(copy.size() == 0);
  b = counting(3);
  b.resize(0);
  CHECK(b.size() == 0);
  CHECK(b.data() == nullptr);
}

TEST_CASE("resizing makes zeros, and keeps the memory when the size stays") {
  Buffer<float> b = counting(100);
  const float* before = b.data();
  b.resize(100);
  CHECK(b.data() == before);
  CHECK(b == Buffer<float>(100));
  b[3] = 7;
  b.resize(40);
  CHECK(b == Buffer<float>(40));
  b[3] = 7;
  b.resize(300);
  CHECK(b == Buffer<float>(300));
  CHECK(aligned(b));
}

TEST_CASE("a buffer grows to at least, and never shrinks") {
  Buffer<float> b = counting(10);
  const float* before = b.data();
  b.reserve_at_least(4);
  b.reserve_at_least(10);
  CHECK(b.data() == before);
  CHECK(b == counting(10));
  b.reserve_at_least(11);
  CHECK(b.size() == 11);
}

TEST_CASE("copies are independent") {
  Buffer<float> a = counting(9);
  Buffer<float> b = a;
  CHECK(a == b);
  CHECK(a.data() != b.data());
  b[4] = -1;
  CHECK(a == counting(9));
  CHECK_FALSE(a == b);

  Buffer<float> same_size(9);
  const float* place = same_size.data();
  same_size = a;
  CHECK(same_size == a);
  CHECK(same_size.data() == place);
  Buffer<float> other_size(2);
  other_size = a;
  CHECK(other_size == a);

  const Buffer<float>& itself = a;
  a = itself;
  CHECK(a == counting(9));
}

TEST_CASE("moves take the memory along") {
  Buffer<float> a = counting(9);
  const float* place = a.data();
  Buffer<float> b = std::move(a);
  CHECK(b.data() == place);
  CHECK(b == counting(9));
  Buffer<float> c(4);
  c = std::move(b);
  CHECK(c.data() == place);
  CHECK(c == counting(9));
}

TEST_CASE("buffers of other sizes are not equal") {
  CHECK_FALSE(counting(3) == counting(4));
  CHECK_FALSE(Buffer<float>(3) == Buffer<float>(4));
}

TEST_CASE("a buffer can drop its end") {
  sseg::Buffer<int> b(4);
  for (sseg::Index i = 0; i < 4; ++i) b[i] = static_cast<int>(i);
  const int* memory = b.data();
  b.keep_first(2);
  CHECK((b.size() == 2 && b.data() == memory && b[1] == 1));
  sseg::Buffer<int> copy = b;
  CHECK(copy == b);
  b.keep_first(0);
  CHECK(b.size() == 0);
  b.resize(3);
  CHECK((b.size() == 3 && b[2] == 0));
}

}  // namespace buffer_test
