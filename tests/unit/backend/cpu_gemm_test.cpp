#include "sseg/backend/cpu/gemm.hpp"

#include <vector>

#include "oracle.hpp"
#include "support/malloc_count.hpp"

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
        all.push_back({3, 2, 0, at, bt, accumulate});
      }
  return all;
}

}  // namespace

TEST_CASE("gemm agrees with the reference and allocates nothing") {
  Threads threads(2);
  Reference<double> reference;
  for (const auto& t : cases()) {
    INFO("m=" << t.m << " n=" << t.n << " k=" << t.k << " at=" << t.a_transposed << " bt=" << t.b_transposed
              << " accumulate=" << t.accumulate);
    const auto a = random(t.m * t.k, 1), b = random(t.k * t.n, 2), start = random(t.m * t.n, 3);
    const auto ad = widen(a), bd = widen(b);
    Guarded c(start);
    auto cd = widen(start);
    const long before = malloc_count();
    cpu::gemm(threads, Gemm<float>{t.m, t.n, t.k, 0.5f, a.data(), t.a_transposed, b.data(), t.b_transposed, c.data(),
                                   t.accumulate});
    CHECK(malloc_count() == before);
    reference.run(Gemm<double>{t.m, t.n, t.k, 0.5, ad.data(), t.a_transposed, bd.data(), t.b_transposed, cd.data(),
                               t.accumulate});
    CHECK(distance(cd, c.values(), 0.1) < sum_tolerance(t.k));
    CHECK(c.whole());
  }
}

TEST_CASE("gemm over nothing but garbage overwrites it") {
  Threads threads(1);
  float a = 2, b = 3, c = std::numeric_limits<float>::quiet_NaN();
  cpu::gemm(threads, Gemm<float>{1, 1, 1, 1.f, &a, false, &b, false, &c, false});
  CHECK(c == 6);
}
