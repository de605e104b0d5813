#include "sseg/dist/across_ranks.hpp"

#include <string>
#include <type_traits>

#include "sseg/dist/alone.hpp"
#include "support/catch.hpp"

namespace across_ranks_test {

using namespace sseg;

namespace {

/// What the work ran on.
std::string ran_on(const RankChoice& choice) {
  Alone alone;
  return across_ranks(alone, choice, stdout, [&](auto& backend) -> std::string {
    static_assert(std::is_same_v<std::remove_cvref_t<decltype(backend)>, Across<Cpu, Alone>>);
    CHECK(backend.threads().count() == 2);
    return "cpu";
  });
}

}  // namespace

TEST_CASE("Without GPUs ranks run on the Cpu, over their own communicator") {
  CHECK(ran_on({.backend = "cpu", .host = {.threads = 2}}) == "cpu");
  CHECK(ran_on({.communicator = "mpi", .host = {.threads = 2}}) == "cpu");
  CHECK(ran_on({.backend = "cpu", .precision = "bf16", .host = {.threads = 2}}) == "cpu");  // in f32, and says so
}

TEST_CASE("What ranks cannot have is refused, in words") {
  CHECK_THROWS_WITH(ran_on({.communicator = "tcp"}), Catch::Matchers::Contains("give auto, mpi or nccl"));
  CHECK_THROWS_WITH(ran_on({.backend = "cpu", .communicator = "nccl"}), Catch::Matchers::Contains("NCCL serves GPUs"));
  CHECK_THROWS_WITH(ran_on({.precision = "f64"}), Catch::Matchers::Contains("give f32, tf32, bf16 or f16"));
  CHECK_THROWS_WITH(ran_on({.backend = "cpu", .graphs = cuda::GraphUse::on}),
                    Catch::Matchers::Contains("this run is on the CPU"));
  CHECK_THROWS_WITH(ran_on({.backend = "cuda"}), Catch::Matchers::Contains("the backend cuda cannot be had"));
}

}  // namespace across_ranks_test
