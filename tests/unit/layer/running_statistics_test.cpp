#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/layer/batch_norm.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/trace.hpp"
#include "support/catch.hpp"

namespace running_statistics_test {

using namespace sseg;

namespace {
const NormReluPool layer = batch_norm(1);
const std::vector<double> x{1, 2, 3, 6};  // mean 3, biased variance 3.5, unbiased 14/3
const View<const double> images{x.data(), {4, 1, 1, 1}};
}  // namespace

TEST_CASE("Training moves the running statistics by the momentum, with the unbiased variance") {
  Reference<double> backend;
  auto store = make_store<double>(layer, 0, Rng(1));
  Trace<double> trace;
  trace.forward(backend, layer, store, images, Mode::train);
  CHECK(store.state[0] == Approx(0.1 * 3));
  CHECK(store.state[1] == Approx(0.9 * 1 + 0.1 * 14.0 / 3));
}

TEST_CASE("Training normalises with the batch, evaluation with the running statistics") {
  Reference<double> backend;
  auto store = make_store<double>(layer, 0, Rng(1));
  Trace<double> trace;
  const auto trained = trace.forward(backend, layer, store, images, Mode::train, false);
  CHECK(store.state[0] == 0.0);
  CHECK(trained.data[3] == Approx((6 - 3) / std::sqrt(3.5 + 1e-5)));
  store.state[0] = 2;
  store.state[1] = 4;
  const auto evaluated = trace.infer(backend, layer, store, images);
  CHECK(evaluated.data[3] == Approx((6 - 2) / std::sqrt(4 + 1e-5)));
}

}  // namespace running_statistics_test
