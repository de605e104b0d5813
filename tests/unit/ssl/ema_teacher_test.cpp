#include "sseg/ssl/ema_teacher.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/layer/conv2d.hpp"
#include "sseg/layer/norm_relu_pool.hpp"
#include "sseg/net/chain.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/trace.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

using sseg::EmaTeacher;
using sseg::Index;
using sseg::ParamStore;
using sseg::Reference;
using sseg::Rng;

namespace {

auto small_net(Index channels) {
  return sseg::chain(sseg::Conv2d{.in = 1, .out = channels}, sseg::NormReluPool{.channels = channels, .pool = 2});
}

}  // namespace

TEST_CASE("the decay of the average rises to its value") {
  const EmaTeacher teacher{.decay = 0.9f, .warm_up = true};
  CHECK(teacher.decay_at(0) == Approx(0.1f));
  CHECK(teacher.decay_at(8) == Approx(0.5f));
  CHECK(teacher.decay_at(79) == Approx(80.f / 89));
  CHECK(teacher.decay_at(80) == Approx(0.9f));
  CHECK(teacher.decay_at(1000000) == 0.9f);
  CHECK(EmaTeacher{.decay = 0.9f, .warm_up = false}.decay_at(0) == 0.9f);
  CHECK(EmaTeacher{.decay = 0.05f, .warm_up = true}.decay_at(0) == 0.05f);
}

TEST_CASE("the teacher is the moving average of the student, values and state") {
  const auto run = [](auto&& backend, bool warm_up, double tolerance) {
    using T = typename std::remove_cvref_t<decltype(backend)>::Scalar;
    const EmaTeacher average{.decay = 0.75f, .warm_up = warm_up};
    auto student = sseg::make_store<T>(small_net(3), 0, Rng(1));
    auto teacher = sseg::make_store<T>(small_net(3), 0, Rng(2));
    std::vector<double> value(teacher.value.begin(), teacher.value.end());
    std::vector<double> state(teacher.state.begin(), teacher.state.end());
    Rng rng(3);
    for (Index step = 0; step < 40; ++step) {
      for (T& v : student.value) v = static_cast<T>(rng.normal());
      for (T& v : student.state) v = static_cast<T>(rng.uniform());
      const auto before = student.value;
      average.update(backend, student, teacher, step);
      const double m =
          warm_up ? std::min(0.75, (1.0 + static_cast<double>(step)) / (10.0 + static_cast<double>(step))) : 0.75;
      for (std::size_t i = 0; i < value.size(); ++i)
        value[i] = m * value[i] + (1 - m) * static_cast<double>(student.value[static_cast<Index>(i)]);
      for (std::size_t i = 0; i < state.size(); ++i)
        state[i] = m * state[i] + (1 - m) * static_cast<double>(student.state[static_cast<Index>(i)]);
      REQUIRE(student.value == before);
    }
    double most = 0;
    for (std::size_t i = 0; i < value.size(); ++i)
      most = std::max(most, std::abs(value[i] - static_cast<double>(teacher.value[static_cast<Index>(i)])));
    for (std::size_t i = 0; i < state.size(); ++i)
      most = std::max(most, std::abs(state[i] - static_cast<double>(teacher.state[static_cast<Index>(i)])));
    CHECK(most < tolerance);
    CHECK(std::all_of(teacher.grad.begin(), teacher.grad.end(), [](T g) { return g == 0; }));
  };
  for (const bool warm_up : {true, false}) {
    run(Reference<double>(), warm_up, 1e-6);  // the decay itself is a float
    run(sseg::Cpu(2), warm_up, 2e-6);
  }
}

TEST_CASE("a teacher whose running statistics did not follow would see another world in evaluation mode") {
  sseg::Cpu backend(1);
  const auto net = small_net(4);
  auto student = sseg::make_store<float>(net, 0, Rng(5));
  auto teacher = student, stale = student;  // the net before training
  sseg::Trace<float> trace;
  const sseg::Shape shape{16, 6, 6, 1};
  std::vector<float> x(static_cast<std::size_t>(shape.count()));
  Rng rng(6);
  for (Index step = 0; step < 80; ++step) {
    for (float& v : x) v = 5 + 3 * rng.normal();  // far from mean 0 and variance 1
    trace.forward(backend, net, student, {x.data(), shape}, sseg::Mode::train);
    EmaTeacher{.decay = 0.9f}.update(backend, student, teacher, step);
  }
  stale.value = teacher.value;
  const auto output = [&](const ParamStore<float>& store) {
    const auto y = trace.infer(backend, net, store, {x.data(), shape}).flat();
    return std::vector<float>(y.begin(), y.end());
  };
  const auto right = output(student), followed = output(teacher), left_behind = output(stale);
  double far = 0, near = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    near = std::max(near, static_cast<double>(std::abs(followed[i] - right[i])));
    far = std::max(far, static_cast<double>(std::abs(left_behind[i] - right[i])));
  }
  CHECK(near < 0.1);
  CHECK(far > 1.0);
}

TEST_CASE("a teacher of another layout is refused") {
  Reference<float> backend;
  const auto student = sseg::make_store<float>(small_net(3), 0, Rng(1));
  auto wider = sseg::make_store<float>(small_net(4), 0, Rng(1));
  CHECK_THAT(sseg_test::message_of([&] { EmaTeacher{}.update(backend, student, wider, 0); }),
             sseg_test::Contains("another layout"));
  auto no_state = student;
  no_state.state.resize(0);
  CHECK_THAT(sseg_test::message_of([&] { EmaTeacher{}.update(backend, student, no_state, 0); }),
             sseg_test::Contains("another layout"));
}
