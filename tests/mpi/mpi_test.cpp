#include <stdexcept>

#include "laws/communicator_law.hpp"
#include "mpi/ranks.hpp"
#include "sseg/dist/gather_texts.hpp"

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
