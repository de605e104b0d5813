#include "cuda/double/number.hpp"

#include "support/catch.hpp"

namespace number_test {

using namespace cuda_double;

TEST_CASE("Every half and every bfloat16 survives the way through float") {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto v = static_cast<std::uint16_t>(bits);
    if (!std::isnan(from_f16(v))) REQUIRE(to_f16(from_f16(v)) == v);
    if (!std::isnan(from_bf16(v))) REQUIRE(to_bf16(from_bf16(v)) == v);
  }
  CHECK(std::isnan(from_f16(to_f16(NAN))));
  CHECK(std::isnan(from_bf16(to_bf16(NAN))));
}

TEST_CASE("Numbers between are rounded to the nearest, ties to even") {
  CHECK(from_bf16(to_bf16(1.f + 0x1p-8f)) == 1.f);
  CHECK(from_bf16(to_bf16(1.f + 0x1.8p-7f)) == 1.f + 0x1p-6f);
  CHECK(from_bf16(to_bf16(1.f + 0x1.01p-8f)) == 1.f + 0x1p-7f);
  CHECK(from_f16(to_f16(1.f + 0x1p-11f)) == 1.f);
  CHECK(from_f16(to_f16(1.f + 0x1.8p-10f)) == 1.f + 0x1p-9f);
  CHECK(from_f16(to_f16(0x1.8p-24f)) == 0x1p-23f);  // below the normal numbers
  CHECK(from_f16(to_f16(-65504.f)) == -65504.f);
  CHECK(from_f16(to_f16(65520.f)) == INFINITY);
  CHECK(to_tf32(1.f + 0x1p-11f) == 1.f);
  CHECK(to_tf32(1.f + 0x1.8p-10f) == 1.f + 0x1p-9f);
  CHECK(to_tf32(-3.f) == -3.f);
}

}  // namespace number_test
