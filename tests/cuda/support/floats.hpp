#pragma once
#include <cmath>
#include <memory>
#include <vector>

#include "sseg/core/buffer.hpp"
#include "unit/backend/oracle.hpp"

namespace cuda_test {

/// Floats on the device.
class Floats {
 public:
  Floats(const std::shared_ptr<sseg::Memory>& memory, const std::vector<float>& x)
      : b_(static_cast<sseg::Index>(x.size())) {
    b_.upload(x);
    b_.move_to(memory);
  }
  float* data() { return b_.data(); }
  std::vector<float> read() const {
    std::vector<float> x(sseg::to_size(b_.size()));
    b_.download(x);
    return x;
  }

 private:
  sseg::Buffer<float> b_;
};

/// Multiples of size/64: of a power of two, sixteen bits hold them exactly, so that only results are rounded.
inline std::vector<float> short_numbers(sseg::Index count, std::uint64_t seed, float size = 1) {
  auto v = oracle::random(count, seed, -1, 1);
  for (float& x : v) x = std::round(x * 64) / 64 * size;
  return v;
}

}  // namespace cuda_test
