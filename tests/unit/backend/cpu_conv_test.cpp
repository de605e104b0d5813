#include "conv_cases.hpp"

namespace cpu_conv_test {

TEST_CASE("direct convolution agrees with the reference, 4 lanes") { conv_cases::agree<4>(); }
TEST_CASE("direct convolution agrees with the reference, 8 lanes") { conv_cases::agree<8>(); }

namespace {

/// Every row is in one tile, and there is a kernel of that tile's height.
template <int Lanes>
void tiles_cover() {
  using Cut = sseg::cpu::TileCut<Lanes>;
  for (sseg::Index count = 0; count <= 5 * Cut::full_rows; ++count) {
    const Cut cut(count);
    sseg::Index covered = 0;
    for (sseg::Index i = 0; i < cut.count(); ++i) {
      const sseg::Range rows = cut.tile(i);
      INFO(count << " rows, tile " << i);
      CHECK(rows.begin == covered);
      REQUIRE(rows.size() > 0);
      const std::size_t kernel = Cut::kernel_of(rows.size());
      REQUIRE(kernel < Cut::kernels);
      CHECK(Cut::rows_of(kernel) == rows.size());
      covered = rows.end;
    }
    CHECK(covered == count);
  }
}

}  // namespace

TEST_CASE("register tiles cover all rows") {
  tiles_cover<4>();
  tiles_cover<8>();
  tiles_cover<16>();
}

}  // namespace cpu_conv_test
