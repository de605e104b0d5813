#include "sseg/backend/cpu/gemm.hpp"

#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu/eigen_gemm.hpp"
#include "sseg/core/buffer.hpp"
#include "support/lanes.hpp"
#include "support/malloc_count.hpp"

namespace cpu_gemm_test {

using namespace sseg;
using namespace oracle;

namespace {

struct Case {
  Index m, n, k;
  bool a_transposed, b_transposed, accumulate;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (bool at : {false, true})
    for (bool bt : {false, true})
      for (bool accumulate : {false, true}) {
        all.push_back({1, 1, 1, at, bt, accumulate});
        all.push_back({1, 33, 17, at, bt, accumulate});
        all.push_back({33, 1, 300, at, bt, accumulate});
        all.push_back({5, 7, 3, at, bt, accumulate});
        all.push_back({97, 130, 65, at, bt, accumulate});
        all.push_back({64, 64, 600, at, bt, accumulate});
        all.push_back({15, 49, 1100, at, bt, accumulate});
        all.push_back({3, 2, 0, at, bt, accumulate});
        all.push_back({0, 5, 3, at, bt, accumulate});
        all.push_back({5, 0, 3, at, bt, accumulate});
      }
  return all;
}

/// The product by the Cpu's own kernel with vectors of `Lanes` floats.
template <int Lanes>
struct Own {
  Threads threads{2};
  Buffer<float> space;
  void reserve(const Gemm<float>& a) { space.reserve_at_least(cpu::GemmPlan<Lanes>(a).total(a, threads.count())); }
  void operator()(const Gemm<float>& a) { cpu::gemm<Lanes>(threads, a, space.data()); }
};

struct ByEigen {
  Threads threads{2};
  void reserve(const Gemm<float>&) {}
  void operator()(const Gemm<float>& a) { cpu::eigen_gemm(threads, a); }
};

template <class Product>
void agrees_with_the_reference() {
  Product product;
  Reference<double> reference;
  for (const auto& t : cases()) {
    INFO("m=" << t.m << " n=" << t.n << " k=" << t.k << " at=" << t.a_transposed << " bt=" << t.b_transposed
              << " accumulate=" << t.accumulate);
    const auto a = random(t.m * t.k, 1), b = random(t.k * t.n, 2), start = random(t.m * t.n, 3);
    const auto ad = widen(a), bd = widen(b);
    Guarded c(start);
    auto cd = widen(start);
    const Gemm<float> op{t.m,      t.n,         t.k, 0.5f, a.data(), t.a_transposed, b.data(), t.b_transposed,
                         c.data(), t.accumulate};
    product.reserve(op);
    const long before = malloc_count();
    product(op);
    CHECK(malloc_count() == before);
    reference.run(Gemm<double>{t.m, t.n, t.k, 0.5, ad.data(), t.a_transposed, bd.data(), t.b_transposed, cd.data(),
                               t.accumulate});
    CHECK(distance(cd, c.values(), 0.1) < sum_tolerance(t.k));
    CHECK(c.whole());
  }
}

template <class Product>
void overwrites_garbage() {
  Product product;
  float a = 2, b = 3, c = std::numeric_limits<float>::quiet_NaN();
  const Gemm<float> op{1, 1, 1, 1.f, &a, false, &b, false, &c, false};
  product.reserve(op);
  product(op);
  CHECK(c == 6);
}

}  // namespace

TEST_CASE("gemm agrees with the reference and allocates nothing, 4 lanes") { agrees_with_the_reference<Own<4>>(); }
TEST_CASE("gemm agrees with the reference and allocates nothing, 8 lanes") {
  NEEDS_LANES(8);
  agrees_with_the_reference<Own<8>>();
}
TEST_CASE("gemm agrees with the reference and allocates nothing, 16 lanes") {
  NEEDS_LANES(16);
  agrees_with_the_reference<Own<16>>();
}
TEST_CASE("gemm by Eigen agrees with the reference and allocates nothing") { agrees_with_the_reference<ByEigen>(); }

TEST_CASE("gemm over nothing but garbage overwrites it") {
  overwrites_garbage<Own<4>>();
  overwrites_garbage<ByEigen>();
}

}  // namespace cpu_gemm_test
