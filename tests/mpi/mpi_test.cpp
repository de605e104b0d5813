#include <stdexcept>

#include "laws/communicator_law.hpp"
#include "mpi/ranks.hpp"
#include "sseg/dist/gather_texts.hpp"

namespace mpi_test {

using namespace sseg;

TEST_CASE("Mpi obeys the communicator law") { communicator_law::obeys_communicator_law(ranks()); }

TEST_CASE("A sum over ranks is made in the order of the ranks, in double, to the bit, short or long") {
  Mpi& mpi = ranks();
  for (const std::size_t count : {5u, 3000u, 1500000u}) {
    std::vector<float> x = communicator_law::of_rank<float>(mpi.rank(), count), want(count);
    std::vector<double> sum(count);
    for (int r = 0; r < mpi.size(); ++r) {
      const auto other = communicator_law::of_rank<float>(r, count);
      for (std::size_t i = 0; i < count; ++i) sum[i] += static_cast<double>(other[i]);
    }
    for (std::size_t i = 0; i < count; ++i) want[i] = static_cast<float>(sum[i]);
    mpi.all_reduce(std::span<float>(x));
    INFO(count << " values on " << mpi.size() << " ranks");
    CHECK(communicator_law::same_bits(x, want));
  }
}

TEST_CASE("Sums under way give the bits of sums that are waited for, whatever else is sent meanwhile") {
  Mpi& mpi = ranks();
  const std::vector<std::size_t> counts{40000, 1, 0, 2, 3, 5000, 300001};
  std::vector<std::vector<float>> want, got;
  for (const std::size_t count : counts) {
    want.push_back(communicator_law::of_rank<float>(mpi.rank() + static_cast<int>(count), count));
    got.push_back(want.back());
    mpi.all_reduce(std::span<float>(want.back()));
  }
  for (int repeat = 0; repeat < 2; ++repeat) {
    std::vector<std::vector<float>> x = got;
    std::vector<double> other{1. + mpi.rank()}, long_other(5000, 1);
    for (std::vector<float>& one : x) {
      mpi.begin_sum(std::span<float>(one));
      if (one.size() == 5000) mpi.all_reduce(std::span<double>(long_other));
      mpi.all_reduce(std::span<double>(other));
      mpi.progress_sums();
    }
    mpi.end_sums();
    for (std::size_t i = 0; i < x.size(); ++i) {
      INFO(counts[i] << " values");
      CHECK(communicator_law::same_bits(x[i], want[i]));
    }
    CHECK(long_other.front() == mpi.size());
  }
  CHECK_NOTHROW(mpi.end_sums());
}

TEST_CASE("The traffic of a long sum is the least that there can be") {
  Mpi& mpi = ranks();
  const std::size_t count = 12 * 10000;
  std::vector<float> x(count, 1.f);
  const Index before = mpi.traffic().bytes;
  mpi.all_reduce(std::span<float>(x));
  const Index k = mpi.size(), sent = mpi.traffic().bytes - before;
  CHECK(sent == 2 * (k - 1) * static_cast<Index>(count * sizeof(float)) / k);
  CHECK(x.back() == static_cast<float>(k));
}

TEST_CASE("Mpi says what does not fit") {
  Mpi& mpi = ranks();
  std::vector<float> one(1), many(to_size(mpi.size() + 1));
  CHECK_THROWS_WITH(mpi.all_gather(std::span<const float>(one), std::span<float>(many)),
                    Catch::Matchers::Contains("no room for what is gathered"));
  CHECK_THROWS_WITH(Mpi({.timeout = 0}), Catch::Matchers::Contains("time-out must be positive"));
}

TEST_CASE("A second communicator beside the first works and does not end MPI") {
  {
    Mpi second;
    std::vector<double> x{1};
    second.all_reduce(std::span<double>(x));
    CHECK(x[0] == second.size());
  }
  communicator_law::check_type<float>(ranks(), 10);
}

TEST_CASE("What is guarded gives its exit code") {
  CHECK(ranks().guard([] { return 3; }) == 3);
}

TEST_CASE("Texts of all ranks arrive whole, whatever their length") {
  Mpi& mpi = ranks();
  const auto text_of = [](int rank) { return std::string(to_size(rank * 3), 'a') + std::to_string(rank); };
  const auto texts = gather_texts(mpi, text_of(mpi.rank()));
  REQUIRE(static_cast<int>(texts.size()) == mpi.size());
  for (int r = 0; r < mpi.size(); ++r) CHECK(texts[to_size(r)] == text_of(r));
}

}  // namespace mpi_test
