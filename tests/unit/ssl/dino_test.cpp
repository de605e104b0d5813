#include "sseg/ssl/dino.hpp"

#include "by_the_book.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace dino_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;

static_assert(sees_of<Dino> == Sees::crops && needs_teacher<Dino>);

namespace {

/// Caron et al. 2021, algorithm 1 with multi-crop, as it stands there.
double by_the_book(const book::Given& g, Index n, double student, double teacher) {
  const Index views = static_cast<Index>(g.z.size()) / n;
  double loss = 0;
  for (Index t = 0; t < 2; ++t)
    for (Index v = 0; v < views; ++v) {
      if (v == t) continue;
      double mean = 0;
      for (Index b = 0; b < n; ++b)
        mean += book::cross_entropy(book::softmax(g.teacher[to_size(t * n + b)], teacher, g.memory),
                                    book::softmax(g.z[to_size(v * n + b)], student));
      loss += mean / static_cast<double>(n);
    }
  return loss / static_cast<double>(2 * views - 2);
}

book::Given given(Index views, Index n, Index k) {
  return {book::drawn(views * n, k, 1), book::drawn(2 * n, k, 2), n, book::drawn(1, k, 3)[0], {}};
}

}  // namespace

TEST_CASE("DINO has the value of its formula for any number of views") {
  const Dino loss{.student_temperature = 0.25f,
                  .teacher_temperature = 0.5f,
                  .warmup_teacher_temperature = 0.125f,
                  .warmup_share = 0.5f};
  for (const Index views : {2, 3, 4, 8})
    for (const Index n : {1, 3, 5})
      for (const Index k : {2, 7, 33}) {
        INFO(views << " views of " << n << " images, " << k << " prototypes");
        auto g = given(views, n, k);
        g.at = {0, 8};
        book::check(loss, g, by_the_book(g, n, 0.25, 0.125));
        g.at = {2, 8};
        book::check(loss, g, by_the_book(g, n, 0.25, 0.3125));
        g.at = {7, 8};
        book::check(loss, g, by_the_book(g, n, 0.25, 0.5));
      }
}

TEST_CASE("DINO's centre moves by the mean of the teacher's outputs as they are, after the loss") {
  const Index n = 3, k = 5;
  const auto g = given(4, n, k);
  const Dino loss{.center_momentum = 0.75f};
  Reference<double> reference;
  Cpu cpu(2);
  const auto slow = book::value(loss, reference, g), fast = book::value(loss, cpu, g);
  for (std::size_t c = 0; c < 5; ++c) {
    double mean = 0;
    for (const auto& row : g.teacher) mean += row[c] / 6;
    CHECK(slow.memory[c] == Approx(0.75 * g.memory[c] + 0.25 * mean).epsilon(1e-12));
    CHECK(fast.memory[c] == Approx(slow.memory[c]).epsilon(1e-6).margin(1e-6));
  }
}

TEST_CASE("DINO's teacher temperature warms up, or is what it is from the start") {
  const Dino loss{.teacher_temperature = 0.07f, .warmup_teacher_temperature = 0.04f, .warmup_share = 0.5f};
  CHECK(loss.teacher_temperature_at({0, 100}) == 0.04f);
  CHECK(loss.teacher_temperature_at({25, 100}) == Approx(0.055f));
  CHECK(loss.teacher_temperature_at({50, 100}) == Approx(0.07f));
  CHECK(loss.teacher_temperature_at({99, 100}) == Approx(0.07f));
  CHECK(Dino{.teacher_temperature = 0.06f, .warmup_share = 0}.teacher_temperature_at({0, 9}) == Approx(0.06f));
}

TEST_CASE("DINO says what does not fit") {
  Reference<double> reference;
  const auto refused = [&](auto&& change, const std::string& words) {
    auto g = given(4, 3, 5);
    change(g);
    CHECK_THAT(message_of([&] { book::value(Dino{}, reference, g); }), Contains(words));
  };
  refused([](book::Given& g) { g.z.resize(3); }, "two views");
  refused([](book::Given& g) { g.z.resize(11); }, "view after view");
  refused([](book::Given& g) { g.teacher.resize(5); }, "teacher");
  refused([](book::Given& g) { g.teacher.clear(); }, "teacher");
  refused([](book::Given& g) { g.memory.clear(); }, "centre");
  refused([](book::Given& g) { g.memory.resize(6); }, "centre");
}

}  // namespace dino_test
