#include "sseg/ssl/proto_clr.hpp"

#include "by_the_book.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace proto_clr_test {

using namespace sseg;

static_assert(sees_of<ProtoClr> == Sees::global && !needs_teacher<ProtoClr>);

namespace {

double by_the_book(const book::Rows& z, std::size_t n, double temperature) {
  const auto closeness = [&](std::size_t q, std::size_t p) {
    double square = 0;
    for (std::size_t i = 0; i < z[q].size(); ++i) square += (z[q][i] - z[p][i]) * (z[q][i] - z[p][i]);
    return std::exp(-square / temperature);
  };
  double loss = 0;
  for (std::size_t q = n; q < z.size(); ++q) {
    double all = 0;
    for (std::size_t p = 0; p < n; ++p) all += closeness(q, p);
    loss -= std::log(closeness(q, q % n) / all);
  }
  return loss / static_cast<double>(z.size() - n);
}

}  // namespace

TEST_CASE("ProtoCLR has the value of its formula for any number of queries") {
  for (const Index views : {2, 3, 5})
    for (const Index n : {2, 3, 9})
      for (const Index d : {1, 4, 17})
        for (const float t : {0.5f, 1.f, 8.f}) {
          INFO(views << " views of " << n << " images, " << d << " outputs, temperature " << t);
          const book::Given g{book::drawn(views * n, d, 1), {}, n};
          book::check(ProtoClr{t}, g, by_the_book(g.z, to_size(n), static_cast<double>(t)));
        }
}

TEST_CASE("ProtoCLR of more queries than it looks at at once is the same loss, and so is its gradient") {
  constexpr Index n = 9, views = 2 * rows_at_once / n + 3, d = 3;
  book::Given g{book::drawn(views * n, d, 1), {}, n};
  book::check(ProtoClr{2.f}, g, by_the_book(g.z, to_size(n), 2));
  Reference<double> reference;
  const auto dz = book::value(ProtoClr{2.f}, reference, g).gradient;
  const book::Rows along = book::drawn(views * n, d, 2), z = g.z;
  double slope = 0;
  for (std::size_t r = 0; r < z.size(); ++r)
    for (std::size_t c = 0; c < z[r].size(); ++c) slope += dz[r * z[r].size() + c] * along[r][c];
  const auto shifted = [&](double h) {
    for (std::size_t r = 0; r < z.size(); ++r)
      for (std::size_t c = 0; c < z[r].size(); ++c) g.z[r][c] = z[r][c] + h * along[r][c];
    return by_the_book(g.z, to_size(n), 2);
  };
  CHECK(slope == Approx((shifted(1e-5) - shifted(-1e-5)) / 2e-5).epsilon(1e-6));
}

TEST_CASE("ProtoCLR says what does not fit") {
  Reference<double> reference;
  const auto message = [&](Index rows, Index n) {
    return sseg_test::message_of([&] { book::value(ProtoClr{}, reference, {book::drawn(rows, 3, 1), {}, n}); });
  };
  CHECK_THAT(message(3, 1), sseg_test::Contains("two images"));
  CHECK_THAT(message(4, 4), sseg_test::Contains("two views"));
  CHECK_THAT(message(7, 3), sseg_test::Contains("two views"));
}

}  // namespace proto_clr_test
