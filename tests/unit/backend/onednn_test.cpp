#include "sseg/backend/onednn.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <iterator>
#include <limits>
#include <memory>

#include "conv_cases.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"

namespace onednn_test {

using namespace sseg;
using namespace oracle;

static_assert(Backend<OneDnn>);
static_assert(Serves<OneDnn, Conv2dForward<float>> && Serves<OneDnn, Gemm<float>>);
static_assert(!Serves<OneDnn, Add<float>> && !Serves<OneDnn, Conv2dMoments<float>>);

namespace {

/// As the kernels of conv_cases.hpp, for `agrees_on`.
struct ByOneDnn {
  static constexpr int lanes = 0;
  static constexpr double rounding = 1;
  OneDnn backend{2};

  void forward(const ConvGeometry& g, const float* x, const float* w, const float* bias, float* y) {
    run_or_not(g, Conv2dForward<float>{g, x, w, bias, y});
  }
  void backward_data(const ConvGeometry& g, const float* dy, const float* w, float* dx) {
    run_or_not(g, Conv2dBackwardData<float>{g, dy, w, dx});
  }
  void backward_weights(const ConvGeometry& g, const float* x, const float* dy, float* dw) {
    run_or_not(g, Conv2dBackwardWeights<float>{g, x, dy, dw, nullptr});
  }

 private:
  template <class Op>
  void run_or_not(const ConvGeometry& g, const Op& op) {
    CHECK(backend.can(op) == (g.n > 0));
    if (backend.can(op)) backend.run(op);
  }
};

void product_agrees(Index m, Index n, Index k, bool a_transposed, bool b_transposed, bool accumulate) {
  INFO("m=" << m << " n=" << n << " k=" << k << " " << a_transposed << b_transposed << accumulate);
  const auto a = random(m * k, 1), b = random(k * n, 2), start = random(m * n, 3);
  const auto ad = widen(a), bd = widen(b);
  auto expected = widen(start);
  Reference<double>().run(
      Gemm<double>{m, n, k, 0.5, ad.data(), a_transposed, bd.data(), b_transposed, expected.data(), accumulate});
  Guarded c(accumulate ? start : std::vector<float>(to_size(m * n), std::numeric_limits<float>::quiet_NaN()));
  OneDnn backend(2);
  const Gemm<float> op{m, n, k, 0.5f, a.data(), a_transposed, b.data(), b_transposed, c.data(), accumulate};
  CHECK(backend.can(op));
  backend.run(op);
  CHECK(distance(expected, c.values()) < sum_tolerance(k));
  CHECK(c.whole());
}

/// Operations of one shape, their tensors, and one buffer for all results.
struct EveryOperation {
  ConvGeometry g{8, 21, 21, 17, 40, 3, 1, 1};
  std::vector<float> x = random(g.in_count(), 1), w = random(g.weight_count(), 2), dy = random(g.out_count(), 3);
  std::vector<float> out =
      std::vector<float>(to_size(g.out_count() + g.in_count() + g.weight_count() + g.o + 200 * 130));

  void run(OneDnn& backend) {
    std::fill(out.begin(), out.end(), 0.f);
    float* const dx = out.data() + g.out_count();
    float* const dw = dx + g.in_count();
    float* const db = dw + g.weight_count();
    run_convolutions(backend, dx, dw, db);
    backend.run(Gemm<float>{200, 130, 90, 1, x.data(), false, dy.data(), true, db + g.o, false});
  }
  void run_convolutions(OneDnn& backend, float* dx, float* dw, float* db) {
    backend.run(Conv2dForward<float>{g, x.data(), w.data(), nullptr, out.data()});
    backend.run(Conv2dBackwardData<float>{g, dy.data(), w.data(), dx});
    backend.run(Conv2dBackwardWeights<float>{g, x.data(), dy.data(), dw, db});
  }
};

std::ptrdiff_t threads_of_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

}  // namespace

TEST_CASE("OneDnn's three passes agree with the reference") {
  for (const auto& g : conv_cases::geometries()) conv_cases::agrees_on<ByOneDnn>(g);
  conv_cases::agrees_on<ByOneDnn>({35, 17, 17, 5, 19, 3, 1, 1});  // a last piece of fewer images, in all passes
  conv_cases::agrees_on<ByOneDnn>({33, 21, 21, 33, 17, 3, 2, 1});
}

TEST_CASE("OneDnn adds the gradients of weights and bias to what is there") {
  const ConvGeometry g{5, 19, 18, 3, 17, 3, 1, 1};
  const auto x = random(g.in_count(), 1), dy = random(g.out_count(), 2), db_start = random(g.o, 3);
  const auto xd = widen(x), dyd = widen(dy);
  std::vector<double> dw(to_size(g.weight_count())), db = widen(db_start);
  Guarded dw_found(g.weight_count(), 0), db_found(db_start);
  OneDnn backend(2);
  for (int twice = 0; twice < 2; ++twice) {
    Reference<double>().run(Conv2dBackwardWeights<double>{g, xd.data(), dyd.data(), dw.data(), db.data()});
    backend.run(Conv2dBackwardWeights<float>{g, x.data(), dy.data(), dw_found.data(), db_found.data()});
  }
  CHECK(distance(dw, dw_found.values()) < sum_tolerance(5 * 19 * 18));
  CHECK(distance(db, db_found.values()) < sum_tolerance(5 * 19 * 18));
  CHECK(dw_found.whole());
  CHECK(db_found.whole());
}

TEST_CASE("OneDnn's products agree with the reference") {
  for (const bool a_transposed : {false, true})
    for (const bool b_transposed : {false, true})
      for (const bool accumulate : {false, true}) {
        product_agrees(5, 7, 3, a_transposed, b_transposed, accumulate);
        product_agrees(1, 1, 1, a_transposed, b_transposed, accumulate);
        product_agrees(65, 130, 257, a_transposed, b_transposed, accumulate);
        product_agrees(333, 20, 90, a_transposed, b_transposed, accumulate);
        product_agrees(300, 1, 90, a_transposed, b_transposed, accumulate);
      }
}

TEST_CASE("OneDnn says what it does not take, and fails with the shape where it is made to") {
  OneDnn backend(1);
  const auto takes = [&](const ConvGeometry& g) {
    return backend.can(Conv2dForward<float>{g, nullptr, nullptr, nullptr, nullptr});
  };
  CHECK(takes({1, 5, 5, 1, 1, 5, 1, 0}));
  CHECK_FALSE(takes({1, 4, 5, 1, 1, 5, 1, 0}));
  CHECK_FALSE(takes({1, 5, 4, 1, 1, 5, 1, 0}));
  CHECK_FALSE(takes({0, 5, 5, 1, 1, 5, 1, 0}));
  CHECK_FALSE(takes({1, 5, 5, 0, 1, 5, 1, 0}));
  CHECK_FALSE(takes({1, 5, 5, 1, 0, 5, 1, 0}));
  CHECK_FALSE(takes({1, 5, 5, 1, 1, 3, 0, 1}));
  CHECK_FALSE(takes({1, 5, 5, 1, 1, 3, 1, -1}));
  const Index large = Index{1} << 40;
  CHECK_FALSE(takes({1, large, 1, 1, 1, 1, 1, 0}));
  CHECK_FALSE(takes({1, 1, 1, large, 1, 1, 1, 0}));
  CHECK_FALSE(takes({1, 1, 1, 1, large, 1, 1, 0}));
  CHECK_FALSE(takes({1, 1, 1, 1 << 17, 1 << 17, 1, 1, 0}));
  const float one = 1;
  float y = 0;
  for (const Index m : {0, 1})
    for (const Index n : {0, 1})
      for (const Index k : {0, 1})
        CHECK(backend.can(Gemm<float>{m, n, k, 1, &one, false, &one, false, &y, false}) == (m > 0 && n > 0 && k > 0));

  const ConvGeometry odd{1, 5, 5, 1, 1, 3, 0, -1};
  const std::string of = ", n=1 h=5 w=5 c=1 o=1 kernel=3 stride=0 pad=-1\n  cure:  ask can() first";
  CHECK_THROWS_WITH((backend.run(Conv2dForward<float>{odd, &one, &one, nullptr, &y})),
                    Catch::Matchers::Contains("these are no sizes of a convolution") &&
                        Catch::Matchers::Contains("OneDnn, convolution forward" + of));
  CHECK_THROWS_WITH((backend.run(Conv2dBackwardData<float>{odd, &one, &one, &y})),
                    Catch::Matchers::Contains("OneDnn, convolution backward data" + of));
  CHECK_THROWS_WITH((backend.run(Conv2dBackwardWeights<float>{odd, &one, &one, &y, nullptr})),
                    Catch::Matchers::Contains("OneDnn, convolution backward weights" + of));
}

TEST_CASE("a failure of oneDNN says what, where and the cure") {
  const auto fail = [](dnnl_status_t status) {
    onednn::attempt([&] { dnnl::error::wrap_c_api(status, "could not do it"); }, [] { return "there"; });
  };
  CHECK_NOTHROW(fail(dnnl_success));
  CHECK_THROWS_WITH(fail(dnnl_unimplemented), Catch::Matchers::Contains("oneDNN: could not do it (unimplemented)") &&
                                                  Catch::Matchers::Contains("there") &&
                                                  Catch::Matchers::Contains("use the backend sseg::Cpu"));
  CHECK_THROWS_WITH(fail(dnnl_out_of_memory), Catch::Matchers::Contains("out_of_memory") &&
                                                  Catch::Matchers::Contains("put fewer images into a batch"));
}

TEST_CASE("OneDnn starts no threads but those of its team and leaves OpenMP's number as it was") {
  const auto runtime = onednn::OmpRuntime::find();
  const int before = runtime.max_threads();
  runtime.set_threads(5);
  EveryOperation all, odd{{8, 21, 21, 17, 40, 1, 2, 2}};
  OneDnn three(3);
  CHECK(three.threads().count() == 3);
  if (!std::filesystem::exists("/proc/self/task")) SSEG_SKIP("no /proc/self/task to count threads by");
  const auto so_far = threads_of_process();
  all.run(three);
  odd.run(three);
  CHECK(threads_of_process() == so_far);
  CHECK(runtime.max_threads() == 5);
  runtime.set_threads(before);
}

TEST_CASE("OneDnn gives the same bits again and for any number of threads, and rounds otherwise in other pieces") {
  EveryOperation first, other;
  OneDnn one(1);
  first.run(one);
  for (const int threads : {1, 2, 3}) {
    OneDnn more(threads);
    for (int k = 0; k < 3; ++k) {
      other.run(more);
      CHECK(other.out == first.out);
    }
  }
  OneDnn whole(OneDnnOptions{.threads = 2, .pieces = 1});
  other.run(whole);
  CHECK(other.out != first.out);
  CHECK(distance(widen(first.out), other.out) < sum_tolerance(first.g.n * 21 * 21));
}

TEST_CASE("a batch is cut into pieces of equal size but the last") {
  const auto cut = [](Index n, Index most, onednn::ConvPass pass = onednn::ConvPass::forward) {
    const onednn::ConvCut c({pass, {n, 16, 16, 3, 4, 3, 1, 1}, false}, most);
    return std::vector<Index>{c.images, c.count};
  };
  CHECK(cut(1, 16) == std::vector<Index>{1, 1});
  CHECK(cut(40, 16) == std::vector<Index>{3, 14});
  CHECK(cut(32, 16) == std::vector<Index>{2, 16});
  CHECK(cut(32, 1) == std::vector<Index>{32, 1});
  // A weight gradient of its own only for 512 positions, two images here.
  CHECK(cut(1, 16, onednn::ConvPass::backward_weights) == std::vector<Index>{1, 1});
  CHECK(cut(7, 16, onednn::ConvPass::backward_weights) == std::vector<Index>{3, 3});
  CHECK(cut(64, 16, onednn::ConvPass::backward_weights) == std::vector<Index>{4, 16});
}

TEST_CASE("OneDnn allocates no tensor the second time") {
  if (malloc_count() < 0) SSEG_SKIP("allocations cannot be counted here");
  EveryOperation all;
  OneDnn backend(2);
  std::vector<float> dw(to_size(all.g.weight_count())), db(to_size(all.g.o)), dx(to_size(all.g.in_count()));
  const auto once = [&] { all.run_convolutions(backend, dx.data(), dw.data(), db.data()); };
  once();
  once();
  malloc_largest();
  const long before = malloc_count();
  once();
  CHECK(malloc_largest() <= 256);
  CHECK(malloc_count() - before <= 3 * 16 * 20);
}

TEST_CASE("OneDnn starts anew when it has prepared many shapes") {
  OneDnn backend(1);
  const auto most = static_cast<Index>(OneDnn::most_kept);
  const std::vector<float> x(to_size(most + 1), 2);
  std::vector<float> y(x.size());
  const float w = 3;
  for (Index n = 1; n <= most + 1; ++n)
    backend.run(Conv2dForward<float>{{n, 1, 1, 1, 1, 1, 1, 0}, x.data(), &w, nullptr, y.data()});
  CHECK(y == std::vector<float>(x.size(), 6));
  y.assign(1, 0);
  backend.run(Conv2dForward<float>{{1, 1, 1, 1, 1, 1, 1, 0}, x.data(), &w, nullptr, y.data()});
  CHECK(y[0] == 6);
}

TEST_CASE("OneDnn names the code that it runs") {
  OneDnn backend(1);
  CHECK_FALSE(backend.implementation(Conv2dForward<float>{{1, 5, 5, 3, 4, 3, 1, 1}, nullptr, nullptr, nullptr, nullptr})
                  .empty());
}

TEST_CASE("a process without OpenMP is told that oneDNN's threads cannot be limited") {
  const std::unique_ptr<void, int (*)(void*)> lone(dlopen("libdl.so.2", RTLD_LAZY), dlclose);
  if (!lone) SSEG_SKIP("no libdl.so.2 to look into");
  CHECK_THROWS_WITH(onednn::OmpRuntime::find(lone.get()), Catch::Matchers::Contains("does not run on OpenMP") &&
                                                              Catch::Matchers::Contains("DNNL_CPU_RUNTIME=OMP"));
}

}  // namespace onednn_test
