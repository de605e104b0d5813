/// What the whole `Cpu` promises beside right numbers: the same bits for any team, and no allocation the second time.
#include <atomic>
#include <utility>
#include <vector>

#include "oracle.hpp"
#include "sseg/backend/cpu.hpp"
#include "support/malloc_count.hpp"

namespace cpu_team_test {

using namespace sseg;
using namespace oracle;

static_assert(Backend<Cpu>);

namespace {

/// Runs every operation once, on sizes large enough to be cut into several pieces; fills `out` with all results.
struct EveryOperation {
  ConvGeometry conv{5, 20, 21, 17, 40, 3, 1, 1};
  ConvGeometry strided{3, 15, 15, 8, 33, 3, 2, 1};
  NormGeometry norm{6, 41, 21, 33, 2, true};
  NormGeometry flat{6, 20, 21, 40, 1, false};
  Index rows = 200, cols = 130;

  std::vector<float> x = random(6 * 41 * 21 * 33, 1), w = random(9 * 17 * 40, 2), dy = random(6 * 41 * 21 * 33, 3);
  std::vector<float> positive = random(300, 4, .5f, 2);
  std::vector<Index> target = std::vector<Index>(200, 0);
  AdamCorrection correction{0.1, 0.01};

  EveryOperation() { target[0] = 1; }

  void run(Cpu& cpu, std::vector<float>& out) {
    float* free = out.data();
    const auto take = [&](Index count) { return std::exchange(free, free + count); };
    for (const ConvGeometry& g : {conv, strided}) {
      dispatch(cpu, Conv2dForward<float>{g, x.data(), w.data(), positive.data(), take(g.out_count())});
      dispatch(cpu, Conv2dBackwardData<float>{g, dy.data(), w.data(), take(g.in_count())});
      float* dw = take(g.weight_count());
      dispatch(cpu, Conv2dBackwardWeights<float>{g, x.data(), dy.data(), dw, take(g.o)});
    }
    for (const NormGeometry& g : {norm, flat}) {
      const float* p = positive.data();
      const Index pixels = g.n * g.h * g.w;
      float* mean = take(g.c);
      dispatch(cpu, ColumnMoments<float>{pixels, g.c, x.data(), mean, take(g.c)});
      dispatch(cpu, NormReluPoolForward<float>{g, x.data(), p, p + 1, take(g.out_count())});
      float* dx = take(g.in_count());
      float* dgamma = take(g.c);
      dispatch(cpu,
               NormReluPoolBackward<float>{g, x.data(), mean, p, p + 1, p + 2, dy.data(), dx, dgamma, take(g.c), true});
    }
    const Index count = rows * cols;
    for (bool t : {false, true})
      dispatch(cpu, Gemm<float>{rows, rows, cols, 1.f, x.data(), t, dy.data(), !t, take(rows * rows), false});
    float* y = take(count);
    dispatch(cpu, ReluForward<float>{count, x.data(), y});
    dispatch(cpu, ReluBackward<float>{count, y, dy.data(), take(count)});
    dispatch(cpu, Add<float>{count, x.data(), dy.data(), y});
    dispatch(cpu, AddBias<float>{rows, cols, positive.data(), y});
    dispatch(cpu, SumRows<float>{rows, cols, y, take(cols)});
    dispatch(cpu, GlobalPoolForward<float>{4, rows / 4, cols, y, take(4 * cols)});
    dispatch(cpu, GlobalPoolBackward<float>{4, rows / 4, cols, x.data(), take(count)});
    float* unit = take(count);
    float* length = take(rows);
    dispatch(cpu, L2NormalizeForward<float>{rows, cols, 1e-6f, x.data(), unit, length});
    dispatch(cpu, L2NormalizeBackward<float>{rows, cols, unit, length, dy.data(), take(count)});
    float* s = take(rows * rows);
    dispatch(cpu, Gemm<float>{rows, rows, cols, 5.f, unit, false, unit, true, s, false});
    double loss = 0;
    dispatch(cpu, OffDiagonalCrossEntropy<float>{rows, rows, 0, s, target.data(), &loss});
    *take(1) = static_cast<float>(loss);
    float* p = take(count);
    float* logits = take(count);
    dispatch(cpu, SoftmaxRows<float>{rows, cols, 3.f, x.data(), dy.data(), p});
    dispatch(cpu, Copy<float>{count, dy.data(), logits});
    dispatch(cpu, SoftmaxCrossEntropy<float>{rows, cols, 2.f, .5f, logits, p, &loss});
    *take(1) = static_cast<float>(loss);
    dispatch(cpu, GeluForward<float>{count, x.data(), take(count)});
    dispatch(cpu, GeluBackward<float>{count, x.data(), dy.data(), take(count)});
    float* m = take(count);
    float* v = take(count);
    dispatch(cpu,
             AdamWUpdate<float>{count, y, dy.data(), m, v, 1e-3f, .9f, .999f, 1e-8f, .1f, {&correction, 1}, nullptr});
    dispatch(cpu, EmaUpdate<float>{count, .99f, y, unit});
    together(cpu, take);
    REQUIRE(free <= out.data() + out.size());
  }

  /// The joint operations, and what has several ways.
  template <class Take>
  void together(Cpu& cpu, const Take& take) {
    const float* p = positive.data();
    const NormGeometry after{conv.n, conv.out_h(), conv.out_w(), conv.o, 2, true};
    float* map = take(conv.out_count());
    const Conv2dForward<float> into{conv, x.data(), w.data(), nullptr, map};
    float* mean = take(conv.o);
    float* pooled = take(after.out_count());
    detail::run_joint(cpu, Conv2dMoments<float>{into, mean, take(conv.o)});
    detail::run_joint(cpu, Conv2dMoments<float>{into, mean, take(conv.o), 2, x.data(), pooled});
    detail::run_joint(cpu, Conv2dNormReluPool<float>{into, {after, map, p, p + 1, take(after.out_count())}});
    dispatch(cpu, NormReluPoolForward<float>{after, map, p, p + 1, pooled});
    for (float* dx : {take(after.in_count()), static_cast<float*>(nullptr)}) {
      float* dgamma = take(conv.o);
      const NormReluPoolBackward<float> back{after, map,    mean,         p,    p + 1, p + 2, dy.data(),
                                             dx,    dgamma, take(conv.o), true, pooled};
      if (dx)
        dispatch(cpu, back);
      else
        detail::run_joint(
            cpu, NormConv2dBackwardWeights<float>{back, {conv, x.data(), nullptr, take(conv.weight_count()), nullptr}});
    }
    double loss = 0;
    float* s = take(60 * rows);
    dispatch(cpu, Copy<float>{60 * rows, x.data(), s});
    dispatch(cpu, OffDiagonalCrossEntropy<float>{60, rows, 70, s, target.data(), &loss});
    *take(1) = static_cast<float>(loss);
    const Index count = rows * cols;
    float* v = take(count);
    const AdamWUpdate<float> step{count, take(count), dy.data(), take(count),      v,      1e-3f, .9f,
                                  .999f, 1e-8f,       .1f,       {&correction, 1}, nullptr};
    detail::run_joint(cpu, AdamWAverageUpdate<float>{step, .99f, take(count)});
  }
};

}  // namespace

TEST_CASE("every operation gives the same bits for 1, 2 and 3 threads") {
  EveryOperation all;
  std::vector<float> one(3'000'000), more(one.size());
  Cpu alone(1);
  all.run(alone, one);
  for (int threads : {2, 3}) {
    Cpu team(threads);
    std::fill(more.begin(), more.end(), 0.f);
    all.run(team, more);
    CHECK(one == more);
  }
}

TEST_CASE("a second run of the same shapes allocates nothing") {
  EveryOperation all;
  std::vector<float> out(3'000'000);
  Cpu cpu(2);
  all.run(cpu, out);
  std::fill(out.begin(), out.end(), 0.f);
  const long before = malloc_count();
  if (before < 0) SSEG_SKIP("malloc cannot be counted here");
  CHECK(before > 0);
  all.run(cpu, out);
  CHECK(malloc_count() == before);
}

TEST_CASE("the convolution's bias gradient is the sum of dy") {
  Cpu cpu(2);
  Reference<double> reference;
  const ConvGeometry g{3, 9, 9, 4, 19, 3, 1, 1};
  const auto x = random(g.in_count(), 1), dy = random(g.out_count(), 2), start = random(g.o, 3);
  const auto xd = widen(x), dyd = widen(dy);
  Guarded dw(g.weight_count(), 0), dbias(start);
  std::vector<double> dwd(to_size(g.weight_count())), expected = widen(start);
  cpu.run(Conv2dBackwardWeights<float>{g, x.data(), dy.data(), dw.data(), dbias.data()});
  reference.run(Conv2dBackwardWeights<double>{g, xd.data(), dyd.data(), dwd.data(), expected.data()});
  CHECK(distance(expected, dbias.values()) < sum_tolerance(g.n * g.out_h() * g.out_w()));
  CHECK(dbias.whole());
}

TEST_CASE("pieces that run at once have different worker numbers") {
  Threads team(3);
  std::vector<std::atomic<int>> inside(3), done(100);
  for (int round = 0; round < 200; ++round)
    team.run(100, [&](Index piece, int worker) {
      if (inside[to_size(worker)].fetch_add(1) != 0) done[0] = -1000000;
      done[to_size(piece)].fetch_add(1);
      inside[to_size(worker)].fetch_sub(1);
    });
  for (const auto& d : done) CHECK(d == 200);
}

TEST_CASE("a team passes on what a piece threw and goes on working") {
  Threads team(3);
  for (int round = 0; round < 20; ++round) {
    CHECK_THROWS_AS(team.run(10,
                             [](Index piece) {
                               if (piece == 3) throw 7;
                             }),
                    int);
    std::atomic<int> sum{0};
    team.run(10, [&](Index piece) { sum += static_cast<int>(piece); });
    CHECK(sum == 45);
  }
}

}  // namespace cpu_team_test
