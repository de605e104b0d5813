#include <cmath>
#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/core/error.hpp"
#include "sseg/ssl/dino.hpp"
#include "sseg/ssl/distillation.hpp"
#include "sseg/ssl/proto_clr.hpp"
#include "sseg/ssl/rotation.hpp"
#include "support/catch.hpp"

using namespace sseg;

namespace {

/// A loss on given outputs, in double.
struct Run {
  Index rows, cols, images;
  std::vector<double> z, teacher, memory = {}, dz = {}, scratch = {};
  std::vector<Index> positive = {};

  template <class L>
  double operator()(const L& loss, Progress at = {}) {
    Reference<double> backend;
    const Shape shape{rows, cols};
    dz.resize(z.size());
    scratch.resize(to_size(loss.scratch(shape)));
    if (memory.empty()) memory.resize(to_size(memory_of(loss, shape)));
    LossArgs<double> a{{z.data(), shape}, {dz.data(), shape}, positive, scratch, {}, memory, images, at};
    if (!teacher.empty()) a.teacher = {teacher.data(), {static_cast<Index>(teacher.size()) / cols, cols}};
    return loss(backend, a);
  }
};

}  // namespace

TEST_CASE("DINO of uniform outputs is ln K, and of one certain output 0") {
  Run uniform{4, 8, 2, std::vector<double>(32), std::vector<double>(32)};
  CHECK(uniform(Dino{}) == Approx(std::log(8.0)));

  std::vector<double> certain(32);
  for (std::size_t r = 0; r < 4; ++r) certain[8 * r + 3] = 50;
  Run one{4, 8, 2, certain, certain};
  CHECK(one(Dino{}) == Approx(0).margin(1e-9));
}

TEST_CASE("DINO compares every view with the other global views, and not with its own teacher") {
  // Teacher: view 0 says class 0, view 1 says class 1, both for sure. Local view 2 has both as targets.
  const double c = 40;
  const std::vector<double> teacher{c, 0, 0, c};
  Run right{3, 2, 1, {0, c, c, 0, 0, 0}, teacher}, wrong{3, 2, 1, {c, 0, 0, c, 0, 0}, teacher};
  const Dino loss{.student_temperature = 1};
  CHECK(right(loss) == Approx(2 * std::log(2.0) / 4));  // terms: 0, 0, ln 2, ln 2
  CHECK(wrong(loss) == Approx((2 * c + 2 * std::log(2.0)) / 4));
}

TEST_CASE("DINO's centre follows the teacher's mean after the loss, and is subtracted before it") {
  Run run{2, 2, 1, {0, 0, 0, 0}, {1, 3, 5, 7}, {0.5, 0.25}};
  run(Dino{.center_momentum = 0.9f});
  CHECK(run.memory[0] == Approx(0.9 * 0.5 + 0.1 * 3).epsilon(1e-6));
  CHECK(run.memory[1] == Approx(0.9 * 0.25 + 0.1 * 5).epsilon(1e-6));

  Run plain{2, 2, 1, {0, 1, 2, 0}, {1, 3, 5, 7}}, shifted{2, 2, 1, {0, 1, 2, 0}, {2, 5, 6, 9}, {1, 2}};
  CHECK(plain(Dino{}) == Approx(shifted(Dino{})));
}

TEST_CASE("DINO's teacher temperature warms up") {
  const Dino loss{.teacher_temperature = 0.07f, .warmup_teacher_temperature = 0.04f, .warmup_share = 0.5f};
  CHECK(loss.teacher_temperature_at({0, 100}) == 0.04f);
  CHECK(loss.teacher_temperature_at({25, 100}) == Approx(0.055f));
  CHECK(loss.teacher_temperature_at({50, 100}) == Approx(0.07f));
  CHECK(loss.teacher_temperature_at({99, 100}) == Approx(0.07f));
  CHECK(Dino{.teacher_temperature = 0.06f, .warmup_share = 0}.teacher_temperature_at({0, 9}) == Approx(0.06f));
}

TEST_CASE("Distillation compares each view with the teacher's other view") {
  const std::vector<double> t{1, 2, 3, 4};
  Run same{2, 2, 1, {3, 4, 1, 2}, t};
  CHECK(same(Distillation<MeanSquare>{}) == Approx(0).margin(1e-12));
  CHECK(same(Distillation<CosineDistance>{}) == Approx(0).margin(1e-12));
  CHECK(same(Distillation<KullbackLeibler>{}) == Approx(0).margin(1e-12));
  Run other{2, 2, 1, {4, 4, 1, 2}, t};
  CHECK(other(Distillation<MeanSquare>{}) == Approx(0.25));
  Run opposite{2, 2, 1, {-3, -4, -1, -2}, t};
  CHECK(opposite(Distillation<CosineDistance>{}) == Approx(4));
  Run flat{2, 2, 1, {0, 0, 0, 0}, {0, std::log(3.0), 0, 0}};  // KL of (1/4, 3/4) to (1/2, 1/2), and of equals
  const double kl = 0.25 * std::log(0.5) + 0.75 * std::log(1.5);
  CHECK(flat(Distillation<KullbackLeibler>{{.temperature = 1}}) == Approx(kl / 2));
}

TEST_CASE("Rotation knows the turn of every copy") {
  std::vector<double> z(6 * 4);
  for (Index r = 0; r < 6; ++r) z[to_size(4 * r + Rotation::rotation_of(r / 3, r % 3))] = 60;
  Run right{6, 4, 3, z, {}};
  CHECK(right(Rotation{}) == Approx(0).margin(1e-9));
  Run none{6, 4, 3, std::vector<double>(24), {}};
  CHECK(none(Rotation{}) == Approx(std::log(4.0)));
  CHECK(Rotation::rotation_of(1, 3) == 0);
}

TEST_CASE("ProtoCLR is small where queries lie on their prototypes, and ln N where all points are one") {
  Run near{4, 1, 2, {0, 9, 0, 9}, {}};
  CHECK(near(ProtoClr{}) == Approx(0).margin(1e-9));
  Run same{6, 2, 3, std::vector<double>(12, 0.5), {}};
  CHECK(same(ProtoClr{}) == Approx(std::log(3.0)));
  Run worked{4, 1, 2, {0, 2, 1.5, 2}, {}};  // query 0 is 1.5 and 0.5 away, query 1 is 2 and 0
  const double first = 2.25 + std::log(std::exp(-2.25) + std::exp(-0.25)), second = std::log(std::exp(-4.0) + 1);
  CHECK(worked(ProtoClr{}) == Approx((first + second) / 2));
}

TEST_CASE("Tasks refuse what does not fit") {
  Run no_teacher{4, 3, 2, std::vector<double>(12), {}};
  CHECK_THROWS_AS(no_teacher(Dino{}), Error);
  CHECK_THROWS_AS(no_teacher(Distillation<MeanSquare>{}), Error);
  Run one_view{2, 3, 2, std::vector<double>(6), std::vector<double>(12)};
  CHECK_THROWS_AS(one_view(Dino{}), Error);
  CHECK_THROWS_AS(one_view(ProtoClr{}), Error);
  Run no_center{4, 3, 2, std::vector<double>(12), std::vector<double>(12), {1, 2}};
  CHECK_THROWS_AS(no_center(Dino{}), Error);
  Run three_classes{4, 3, 4, std::vector<double>(12), {}};
  CHECK_THROWS_AS(three_classes(Rotation{}), Error);
  Run one_image{3, 2, 1, std::vector<double>(6), {}};
  CHECK_THROWS_AS(one_image(ProtoClr{}), Error);
}
