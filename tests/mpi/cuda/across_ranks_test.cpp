// Which backend and communicator ranks get, where they have cards.
#include "sseg/dist/across_ranks.hpp"

#include <string>
#include <type_traits>

#include "mpi/cuda/on_double.hpp"
#include "support/captured_file.hpp"

namespace across_ranks_test {

using namespace sseg;

namespace {

struct Ran {
  std::string on;
  int card = -1;
};

Ran ran_on(const RankChoice& choice, int cards) {
  std::vector<cuda_double::Card> there(to_size(cards));
  cuda_test::start_double(there);
  const Ran ran = across_ranks(ranks(), choice, stdout, [&](auto& backend) -> Ran {
    using B = std::remove_cvref_t<decltype(backend)>;
    if constexpr (std::is_same_v<B, Across<Cpu, Mpi>>)
      return {"cpu"};
    else
      return {std::is_same_v<B, Across<Cuda, Mpi>> ? "cuda over mpi" : "cuda over nccl",
              backend.inner().facts().ordinal};
  });
  CHECK(cuda_test::double_faults().empty());
  return ran;
}

}  // namespace

TEST_CASE("Ranks with a card each take it, and send by NCCL unless they are told otherwise") {
  const int k = ranks().size(), me = ranks().rank();
  const Ran usual = ran_on({.host = {.threads = 1}}, k);
  CHECK(usual.on == "cuda over nccl");
  CHECK(usual.card == me);
  CHECK(ran_on({.backend = "cuda", .communicator = "nccl", .host = {.threads = 1}}, k + 1).card == me);
  const Ran over_host = ran_on({.backend = "cuda", .communicator = "mpi", .host = {.threads = 1}}, k);
  CHECK(over_host.on == "cuda over mpi");
  CHECK(over_host.card == me);
  CHECK(ran_on({.backend = "cpu", .host = {.threads = 1}}, k).on == "cpu");
  CHECK(ran_on({.unfit = "it paints", .host = {.threads = 1}}, k).on == "cpu");
}

TEST_CASE("Fewer cards than ranks are told, and none by one rank is none for all") {
  const int k = ranks().size();
  if (k > 1)
    CHECK_THROWS_WITH(ran_on({.host = {.threads = 1}}, k - 1), Catch::Matchers::Contains("each rank takes one"));
  const bool last = ranks().rank() == k - 1;
  CHECK(ran_on({.host = {.threads = 1}}, last ? 0 : k).on == "cpu");
  CHECK_THROWS_WITH(ran_on({.backend = "cuda"}, last ? 0 : k),
                    Catch::Matchers::Contains("the backend cuda cannot be had"));
  CHECK_THROWS_WITH(ran_on({.communicator = "nccl"}, last ? 0 : k), Catch::Matchers::Contains("NCCL serves GPUs"));
}

TEST_CASE("A card of one rank that a library does not serve is none for all") {
  const int k = ranks().size();
  for (const bool must : {false, true}) {
    std::vector<cuda_double::Card> there(to_size(k));
    cuda_test::start_double(there);
    if (ranks().rank() == k - 1) cuda_double::calls().fail("cudnnCreate");
    const RankChoice choice{.backend = must ? "cuda" : "auto", .host = {.threads = 1}};
    const auto run = [&] {
      return across_ranks(ranks(), choice, stdout, [](auto& backend) { return backend.inner().name; });
    };
    if (must)
      CHECK_THROWS_WITH(run(), Catch::Matchers::Contains("the backend cuda cannot be had"));
    else
      CHECK(run() == Cpu::name);
    CHECK(cuda_test::double_faults().empty());
  }
}

TEST_CASE("Ranks compute with factors of f32 or tf32") {
  const int k = ranks().size();
  std::vector<cuda_double::Card> there(to_size(k));
  cuda_test::start_double(there);
  const auto arithmetic = [&](const char* precision) {
    return across_ranks(ranks(), {.precision = precision, .host = {.threads = 1}}, stdout,
                        [](auto& backend) { return backend.inner().arithmetic(); });
  };
  CHECK_THAT(arithmetic("tf32"), Catch::Matchers::Contains("TF32"));
  CHECK_THAT(arithmetic("f32"), !Catch::Matchers::Contains("TF32"));
  CHECK_THROWS_WITH(arithmetic("bf16"), Catch::Matchers::Contains("train_sseg_16bit"));
  CHECK(cuda_test::double_faults().empty());
}

TEST_CASE("Steps as graphs are had over NCCL, and refused or told about where tensors go over the host") {
  const int k = ranks().size();
  using cuda::GraphUse;
  const auto ran = [&](const char* by, GraphUse use, std::FILE* out) {
    cuda_test::start_double(std::vector<cuda_double::Card>(to_size(k)));
    return across_ranks(ranks(), {.communicator = by, .graphs = use, .host = {.threads = 1}}, out,
                        [](auto& backend) { return GathersWork<std::remove_cvref_t<decltype(backend)>>; });
  };
  CHECK(ran("nccl", GraphUse::on, stdout));
  CHECK_THROWS_WITH(ran("mpi", GraphUse::on, stdout), Catch::Matchers::Contains("--communicator nccl"));
  sseg_test::CapturedFile said;
  CHECK_FALSE(ran("mpi", GraphUse::automatic, said.file()));
  CHECK_THAT(said.text(), Catch::Matchers::Contains("call by call, because ranks send what lies on it over the host"));
  CHECK(cuda_test::double_faults().empty());
}

}  // namespace across_ranks_test
