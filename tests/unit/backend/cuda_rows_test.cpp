#include <cmath>
#include <vector>

#include "cuda_host_device.hpp"

namespace cuda_rows_test {

using namespace sseg;
using namespace oracle;

namespace {

/// Columns below, at and above the threads of a block.
const std::vector<Index> col_counts{1, 2, 63, 256, 257, 700};

}  // namespace

TEST_CASE("CUDA kernels, unit rows and their gradients agree with the reference") {
  CudaHostDevice device;
  Reference<double> reference;
  const Index rows = 5;
  for (const Index cols : col_counts) {
    INFO(cols << " columns");
    auto x = random(rows * cols, 1);
    std::fill_n(x.begin(), cols, 0.f);  // a row of zeros: eps
    const auto dy = random(rows * cols, 2);
    const auto xd = widen(x), dyd = widen(dy);
    Guarded y(rows * cols), norm(rows), dx(rows * cols);
    std::vector<double> want_y(x.size()), want_norm(to_size(rows)), want_dx(x.size());
    cuda::queue(device, L2NormalizeForward<float>{rows, cols, 1e-3f, x.data(), y.data(), norm.data()});
    cuda::queue(device, L2NormalizeBackward<float>{rows, cols, y.data(), norm.data(), dy.data(), dx.data()});
    reference.run(
        L2NormalizeForward<double>{rows, cols, static_cast<double>(1e-3f), xd.data(), want_y.data(), want_norm.data()});
    reference.run(L2NormalizeBackward<double>{rows, cols, want_y.data(), want_norm.data(), dyd.data(), want_dx.data()});
    CHECK(distance(want_y, y.values()) < few_roundings);
    CHECK(distance(want_norm, norm.values()) < few_roundings);
    CHECK(distance(want_dx, dx.values()) < 4 * few_roundings);
    CHECK((y.whole() && norm.whole() && dx.whole()));
  }
}

TEST_CASE("CUDA kernels, softmax and its cross-entropy agree with the reference") {
  CudaHostDevice device;
  Reference<double> reference;
  const Index rows = 6;
  for (const Index cols : col_counts)
    for (const float size : {1.f, 400.f}) {  // exp of the larger overflows unless the maximum is taken out
      INFO(cols << " columns, logits of " << size);
      const auto x = random(rows * cols, 1, -size, size), shift = random(cols, 2);
      const auto xd = widen(x), shift_d = widen(shift);
      Guarded y(rows * cols), plain(rows * cols), s(x);
      std::vector<double> want(x.size()), want_plain(x.size()), want_s(xd);
      cuda::queue(device, SoftmaxRows<float>{rows, cols, 2.f, x.data(), shift.data(), y.data()});
      cuda::queue(device, SoftmaxRows<float>{rows, cols, 0.5f, x.data(), nullptr, plain.data()});
      reference.run(SoftmaxRows<double>{rows, cols, 2., xd.data(), shift_d.data(), want.data()});
      reference.run(SoftmaxRows<double>{rows, cols, 0.5, xd.data(), nullptr, want_plain.data()});
      const double exponent = 2e-7 * static_cast<double>(2 * size) + 1e-6;  // a logit is rounded before exp
      CHECK(distance(want, y.values(), 1) < exponent);
      CHECK(distance(want_plain, plain.values(), 1) < exponent);

      const auto target = plain.values();  // rows of mass 1; the first row weighs nothing
      auto weighed = target;
      std::fill_n(weighed.begin(), cols, 0.f);
      const auto weighed_d = widen(weighed);
      double loss = -1, want_loss = -1;
      cuda::queue(device, SoftmaxCrossEntropy<float>{rows, cols, 1.5f, 0.25f, s.data(), weighed.data(), &loss});
      reference.run(SoftmaxCrossEntropy<double>{rows, cols, 1.5, 0.25, want_s.data(), weighed_d.data(), &want_loss});
      CHECK(distance(want_s, s.values(), 1) < exponent);
      CHECK(std::abs(loss - want_loss) < 1e-5 * (1 + std::abs(want_loss)) + exponent);
      CHECK((y.whole() && plain.whole() && s.whole()));
    }
}

TEST_CASE("CUDA kernels, cross-entropy off the diagonal agrees with the reference, whole and in blocks of rows") {
  CudaHostDevice device;
  Reference<double> reference;
  for (const Index cols : {2, 3, 64, 257, 300})
    for (const Index first : {Index{0}, cols / 3}) {
      const Index rows = cols - 2 * first;
      INFO(rows << " rows from " << first << " of " << cols);
      auto x = random(rows * cols, 1, -10, 10);
      for (Index r = 0; r < rows; ++r) x[to_size(r * cols + first + r)] = 1000;  // left out
      std::vector<Index> target(to_size(cols));
      for (Index r = 0; r < cols; ++r) target[to_size(r)] = (r + 1) % cols;
      Guarded s(x);
      auto want = widen(x);
      double loss = 0, want_loss = 0;
      cuda::queue(device, OffDiagonalCrossEntropy<float>{rows, cols, first, s.data(), target.data(), &loss});
      reference.run(OffDiagonalCrossEntropy<double>{rows, cols, first, want.data(), target.data(), &want_loss});
      CHECK(distance(want, s.values()) < 1e-5);
      CHECK(loss == Approx(want_loss).epsilon(1e-6));
      CHECK(s.whole());
    }
}

}  // namespace cuda_rows_test
