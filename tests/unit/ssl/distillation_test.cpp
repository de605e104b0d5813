#include "sseg/ssl/distillation.hpp"

#include "by_the_book.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace distillation_test {

using namespace sseg;

static_assert(sees_of<Distillation<MeanSquare>> == Sees::pair && needs_teacher<Distillation<MeanSquare>>);
static_assert(Distillation<MeanSquare>::name == "distill_mse");
static_assert(Distillation<CosineDistance>::name == "distill_cosine");
static_assert(Distillation<KullbackLeibler>::name == "distill_kl");

namespace {

/// The mean over all rows of `distance(z, t)`, t the teacher's row for the other view.
template <class F>
double mean_over_pairs(const book::Given& g, F&& distance) {
  const std::size_t rows = g.z.size();
  double sum = 0;
  for (std::size_t r = 0; r < rows; ++r) sum += distance(g.z[r], g.teacher[(r + rows / 2) % rows]);
  return sum / static_cast<double>(rows);
}

}  // namespace

TEST_CASE("Every distillation has the value of its formula") {
  for (const Index n : {1, 3, 7})
    for (const Index d : {2, 5, 33}) {
      INFO(n << " images, " << d << " outputs");
      const book::Given g{book::drawn(2 * n, d, 1), book::drawn(2 * n, d, 2)};
      book::check(Distillation<MeanSquare>{}, g, mean_over_pairs(g, [](const auto& z, const auto& t) {
                    double square = 0;
                    for (std::size_t i = 0; i < z.size(); ++i) square += (z[i] - t[i]) * (z[i] - t[i]);
                    return square / static_cast<double>(z.size());
                  }));
      book::check(Distillation<CosineDistance>{}, g, mean_over_pairs(g, [](const auto& z, const auto& t) {
                    return 2 - 2 * book::dot(z, t) / std::sqrt(book::dot(z, z) * book::dot(t, t));
                  }));
      for (const float heat : {0.25f, 1.f, 4.f})
        book::check(Distillation<KullbackLeibler>{{.temperature = heat}}, g,
                    mean_over_pairs(g, [&](const auto& z, const auto& t) {
                      const double h = static_cast<double>(heat);
                      const auto p = book::softmax(t, h);
                      return h * h * (book::cross_entropy(p, book::softmax(z, h)) - book::cross_entropy(p, p));
                    }));
    }
}

TEST_CASE("A distillation says what does not fit") {
  Reference<double> reference;
  for (const Index rows : {0, 2, 6}) {
    const book::Given g{book::drawn(4, 3, 1), book::drawn(rows, 3, 2)};
    const auto message = [&](const auto& loss) {
      return sseg_test::message_of([&] { book::value(loss, reference, g); });
    };
    CHECK_THAT(message(Distillation<MeanSquare>{}), sseg_test::Contains("teacher"));
    CHECK_THAT(message(Distillation<CosineDistance>{}), sseg_test::Contains("teacher"));
    CHECK_THAT(message(Distillation<KullbackLeibler>{}), sseg_test::Contains("teacher"));
  }
}

}  // namespace distillation_test
