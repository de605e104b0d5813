#include "sseg/ssl/repel.hpp"

#include "by_the_book.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace repel_test {

using namespace sseg;

static_assert(sees_of<Repel> == Sees::pair && needs_teacher<Repel>);

TEST_CASE("Repel has the value of its formula, each row against the teacher's of the same view") {
  for (const Index n : {1, 3, 7})
    for (const Index d : {2, 5, 33})
      for (const Repel loss : {Repel{}, Repel{.margin = -0.25f, .temperature = 0.5f}, Repel{.margin = 1.f}}) {
        INFO(n << " images, " << d << " outputs, margin " << loss.margin);
        const book::Given g{book::drawn(2 * n, d, 1), book::drawn(2 * n, d, 2)};
        double sum = 0;
        for (std::size_t r = 0; r < g.z.size(); ++r) {
          const auto &z = g.z[r], &t = g.teacher[r];
          const double cosine = book::dot(z, t) / std::sqrt(book::dot(z, z) * book::dot(t, t));
          sum +=
              std::log1p(std::exp((cosine - static_cast<double>(loss.margin)) / static_cast<double>(loss.temperature)));
        }
        book::check(loss, g, sum / static_cast<double>(g.z.size()));
      }
}

TEST_CASE("Repel lets alone what is far below the margin, and pushes what is above it") {
  Reference<double> reference;
  const auto slope = [&](double cosine) {  // of a unit row at this cosine to the teacher's
    const double z[]{cosine, std::sqrt(1 - cosine * cosine)}, t[]{1, 0};
    double dz[2]{};
    const Repel loss{.margin = 0.5f, .temperature = 0.05f};
    std::vector<double> scratch(to_size(loss.scratch({1, 2})));
    LossArgs<double> a{};
    a.z = {z, {1, 2}}, a.dz = {dz, {1, 2}}, a.teacher = {t, {1, 2}}, a.scratch = scratch;
    loss(reference, a);
    return std::hypot(dz[0], dz[1]);
  };
  CHECK(slope(-0.5) < 1e-6);
  CHECK(slope(0.5) == Approx(0.5 / 0.05 * std::sqrt(0.75)));
  CHECK(slope(0.9) == Approx(1 / 0.05 * std::sqrt(0.19)).epsilon(1e-3));
}

TEST_CASE("Repel says what does not fit") {
  Reference<double> reference;
  for (const Index rows : {0, 2, 6}) {
    const book::Given g{book::drawn(4, 3, 1), book::drawn(rows, 3, 2)};
    CHECK_THAT(sseg_test::message_of([&] { book::value(Repel{}, reference, g); }), sseg_test::Contains("teacher"));
  }
}

}  // namespace repel_test
