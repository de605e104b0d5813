#include "sseg/fewshot/whiten_rows.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "random_features.hpp"
#include "support/catch.hpp"
#include "unit/io/message_of.hpp"

namespace whiten_rows_test {

using namespace sseg;
using sseg_test::random_features;
using sseg_test::random_statistics;

namespace {

/// unit(W·(x − mean)) at each place, in double.
std::vector<double> whitened(const BaseStatistics& base, const Features& f, Index row) {
  const Index c = base.channels();
  std::vector<double> y(to_size(f.dim), 0.0);
  double squares = 0;
  for (Index place = 0; place < f.dim; place += c)
    for (Index i = 0; i < c; ++i) {
      double& sum = y[to_size(place + i)];
      for (Index j = 0; j < c; ++j)
        sum += static_cast<double>(base.whitening[to_size(i * c + j)]) *
               (static_cast<double>(f.row(row).data[place + j]) - static_cast<double>(base.mean[to_size(place + j)]));
      squares += sum * sum;
    }
  for (double& v : y) v /= std::sqrt(squares);
  return y;
}

}  // namespace

TEST_CASE("whitened rows agree with a slow sum in double, for any number of rows, places and threads") {
  struct Case {
    Index rows, places, channels;
  };
  for (const Case k : {Case{1, 1, 1}, {3, 4, 5}, {257, 1, 7}, {300, 9, 3}, {5, 2, 130}}) {
    const BaseStatistics base = random_statistics(k.places * k.channels, k.channels);
    const Features plain = random_features(k.rows, k.places * k.channels);
    Features one = plain, two = plain;
    Threads alone(1), pair(2);
    whiten_rows(alone, base, one);
    whiten_rows(pair, base, two);
    CHECK(one.rows == two.rows);
    for (Index r = 0; r < k.rows; ++r) {
      const auto expected = whitened(base, plain, r);
      for (Index d = 0; d < plain.dim; ++d)
        REQUIRE(static_cast<double>(one.row(r).data[d]) == Approx(expected[to_size(d)]).margin(2e-5));
    }
  }
}

TEST_CASE("centred rows are CL2N's: less the mean, to unit length") {
  const BaseStatistics base{.mean = {1, 2, 3}};
  Features f{3, Buffer<float>(6)};
  const std::vector<float> rows{1, 2, 5, 4, 6, 3};
  std::copy(rows.begin(), rows.end(), f.rows.begin());
  centre_rows(base, f);
  const std::vector<float> expected{0, 0, 1, 0.6f, 0.8f, 0};
  for (Index i = 0; i < 6; ++i)
    CHECK(static_cast<double>(f.rows[i]) == Approx(static_cast<double>(expected[to_size(i)])).margin(1e-6));
}

TEST_CASE("a row that is the mean stays zero") {
  const BaseStatistics base = random_statistics(6, 3);
  Features f{6, Buffer<float>(6)};
  std::copy(base.mean.begin(), base.mean.end(), f.rows.begin());
  Features centred = f;
  Threads threads(1);
  whiten_rows(threads, base, f);
  centre_rows(base, centred);
  for (Index d = 0; d < 6; ++d) CHECK((f.rows[d] == 0 && centred.rows[d] == 0));
}

TEST_CASE("statistics that do not fit the features are refused in words") {
  Threads threads(1);
  const auto message = [&](const BaseStatistics& base, bool whiten) {
    Features f = random_features(2, 6);
    return sseg_test::message_of([&] {
      if (whiten)
        whiten_rows(threads, base, f);
      else
        centre_rows(base, f);
    });
  };
  CHECK(message({}, false).find("is not known") != std::string::npos);
  CHECK(message({}, true).find("no whitening") != std::string::npos);
  CHECK(message(random_statistics(5, 5), false).find("another length") != std::string::npos);
  BaseStatistics base = random_statistics(6, 4);  // 4 channels are no part of 6
  CHECK(message(base, true).find("other channels") != std::string::npos);
  base.whitening.resize(5);
  CHECK(message(base, true).find("other channels") != std::string::npos);
  base = random_statistics(6, 3);
  base.mean.clear();
  CHECK(message(base, true).find("lacks its mean") != std::string::npos);
}

}  // namespace whiten_rows_test
