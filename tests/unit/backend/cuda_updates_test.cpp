#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "cuda_host_device.hpp"

namespace cuda_updates_test {

using namespace sseg;
using namespace oracle;

namespace {

const std::vector<Index> counts{1, 255, 257, 5000};

}  // namespace

TEST_CASE("CUDA kernels, AdamW agrees with the reference, of one age and of several") {
  CudaHostDevice device;
  Reference<double> reference;
  for (const Index count : counts)
    for (const bool mixed : {false, true}) {
      INFO(count << " weights, cohorts " << mixed);
      const auto g = random(count, 1);
      const auto gd = widen(g);
      std::vector<std::uint8_t> cohort(to_size(count));
      for (std::size_t i = 0; i < cohort.size(); ++i) cohort[i] = static_cast<std::uint8_t>(i % 3);
      const std::array<AdamCorrection, 3> corrections{{{0.5, 0.01}, {0.1, 0.001}, {0.9, 0.5}}};
      Guarded w(random(count, 2)), m(random(count, 3)), v(random(count, 4, 0, 1));
      auto wd = widen(w.values()), md = widen(m.values()), vd = widen(v.values());
      const auto op = [&]<class T>(T* w_at, const T* g_at, T* m_at, T* v_at) {
        return AdamWUpdate<T>{count,     w_at,        g_at,
                              m_at,      v_at,        T(0.125),
                              T(0.75),   T(0.9375),   static_cast<T>(1e-8f),
                              T(0.0625), corrections, mixed ? cohort.data() : nullptr};
      };
      cuda::queue(device, op(w.data(), g.data(), m.data(), v.data()));
      reference.run(op(wd.data(), gd.data(), md.data(), vd.data()));
      CHECK(distance(wd, w.values()) < 4 * few_roundings);
      CHECK(distance(md, m.values()) < few_roundings);
      CHECK(distance(vd, v.values()) < few_roundings);
      CHECK((w.whole() && m.whole() && v.whole()));
    }
}

TEST_CASE("CUDA kernels, SGD and the teacher's average agree with the reference") {
  CudaHostDevice device;
  Reference<double> reference;
  for (const Index count : counts)
    for (const bool nesterov : {false, true}) {
      INFO(count << " weights, nesterov " << nesterov);
      const auto g = random(count, 1);
      const auto gd = widen(g);
      Guarded w(random(count, 2)), m(random(count, 3)), teacher(random(count, 4));
      auto wd = widen(w.values()), md = widen(m.values()), td = widen(teacher.values());
      cuda::queue(device, SgdUpdate<float>{count, w.data(), g.data(), m.data(), 0.5f, 0.75f, 0.125f, nesterov});
      cuda::queue(device, EmaUpdate<float>{count, 0.75f, w.data(), teacher.data()});
      reference.run(SgdUpdate<double>{count, wd.data(), gd.data(), md.data(), 0.5, 0.75, 0.125, nesterov});
      reference.run(EmaUpdate<double>{count, 0.75, wd.data(), td.data()});
      CHECK(distance(wd, w.values()) < few_roundings);
      CHECK(distance(md, m.values()) < few_roundings);
      CHECK(distance(td, teacher.values()) < few_roundings);
      CHECK((w.whole() && m.whole() && teacher.whole()));
    }
}

TEST_CASE("CUDA kernels clip a gradient that is too long, and no other") {
  CudaHostDevice device;
  for (const Index count : {1, 257, 4096, 4097, 100000})
    for (const float limit : {0.125f, 1e6f}) {
      INFO(count << " values, limit " << limit);
      Guarded g(random(count, 1));
      auto gd = widen(g.values());
      const auto before = g.values();
      double norm = 0, want = 0;
      cuda::queue(device, ClipNorm<float>{count, limit, g.data(), &norm});
      Reference<double>().run(ClipNorm<double>{count, static_cast<double>(limit), gd.data(), &want});
      CHECK(norm == Approx(want).epsilon(1e-12));
      CHECK(distance(gd, g.values()) < few_roundings);
      if (want < static_cast<double>(limit)) CHECK(g.values() == before);
      CHECK(g.whole());
    }
  Guarded spoilt({1.f, std::numeric_limits<float>::infinity(), 2.f});
  const auto before = spoilt.values();
  double norm = 0;
  cuda::queue(device, ClipNorm<float>{3, 1.f, spoilt.data(), &norm});
  CHECK(std::isinf(norm));
  CHECK(spoilt.values() == before);
}

}  // namespace cuda_updates_test
