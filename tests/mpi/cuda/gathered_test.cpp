// Messages of NCCL in gathered work: on the tape, in graphs, and what ranks do where they could do different things.
// The double says where one rank has captured what another one has not.
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "laws/communicator_law.hpp"
#include "mpi/cuda/on_double.hpp"
#include "sseg/backend/as_one.hpp"
#include "sseg/dist/across.hpp"
#include "support/captured_file.hpp"

namespace gathered_test {

using namespace sseg;
using communicator_law::of_rank;
using communicator_law::same_bits;
using cuda::GraphUse;

/// Sums that overlap, a gather and a broadcast, among work of the device; the same in every turn but for the values.
struct Turns {
  OnDouble& place;
  std::vector<float> first = of_rank<float>(ranks().rank(), 5000), second = of_rank<float>(ranks().rank() + 7, 300);
  Buffer<float> x = place.there(first), y = place.there(second),
                all = place.there(std::vector<float>(3 * to_size(ranks().size())));
  Buffer<double> d = place.there(std::vector<double>(2));

  /// `between` is called in the middle, while a sum is under way.
  void turn(const std::function<void()>& between = [] {}) {
    x.upload(first), y.upload(second);
    const double mine[] = {0.1 * ranks().rank(), 1};
    d.upload(mine);
    AsOne<Cuda> work(*place.cuda);
    dispatch(*place.cuda, Scale<float>{5000, 2.f, x.data(), x.data(), false});
    place.nccl->begin_sum(x.span());
    dispatch(*place.cuda, Scale<float>{300, 3.f, y.data(), y.data(), false});  // beside the sum
    place.nccl->begin_sum(d.span());
    between();
    place.nccl->begin_sum(y.span());
    place.nccl->end_sums();
    place.nccl->all_gather(std::span<const float>(x.span().first(3)), all.span());
    dispatch(*place.cuda, Add<float>{300, x.data(), y.data(), y.data()});
    place.nccl->broadcast(x.span().first(1));
    work.done();
  }
  void check() {
    std::vector<float> want_x = first, want_y = second;
    for (float& v : want_x) v *= 2;
    for (float& v : want_y) v *= 3;
    std::vector<double> want_d{0.1 * ranks().rank(), 1};
    ranks().all_reduce(std::span<float>(want_x));
    ranks().all_reduce(std::span<float>(want_y));
    ranks().all_reduce(std::span<double>(want_d));
    for (std::size_t i = 0; i < want_y.size(); ++i) want_y[i] += want_x[i];
    CHECK(same_bits(OnDouble::here(x), want_x));
    CHECK(same_bits(OnDouble::here(y), want_y));
    CHECK(same_bits(OnDouble::here(d), want_d));
    const std::vector<float> gathered = OnDouble::here(all);
    for (std::size_t i = 0; i < gathered.size(); ++i) CHECK(gathered[i] == want_x[i % 3]);
  }
  const cuda::GraphCache& graphs() const { return place.cuda->device().work().graphs(); }
};

bool is_last() { return ranks().rank() == ranks().size() - 1; }

TEST_CASE("Gathered messages are part of one graph, beside the work that they do not need") {
  OnDouble place(60, false, GraphUse::on);
  Turns turns{place};
  std::int64_t graphs = 0, groups = 0;
  for (int i = 0; i < 6; ++i) {
    turns.turn();
    turns.check();
    if (i == 1) graphs = cuda_double::calls().count("cudaGraphLaunch"), groups = cuda_double::calls().count("ncclSend");
  }
  CHECK(turns.graphs().captured() == 1);
  CHECK(turns.graphs().launched() == 5);
  CHECK(cuda_double::calls().count("cudaGraphLaunch") == graphs + 4);
  CHECK(cuda_double::calls().count("ncclSend") == groups);  // none of them is called any more
}

TEST_CASE("Single calls and graphs come to the same bits") {
  OnDouble place(60, false, GraphUse::off);
  Turns turns{place};
  for (int i = 0; i < 3; ++i) {
    turns.turn();
    turns.check();
  }
  CHECK(turns.graphs().captured() == 0);
}

TEST_CASE("A rank that has lost its graph, or has seen other work, makes all play or capture anew") {
  OnDouble place(60, false, GraphUse::on);
  Turns turns{place};
  for (int i = 0; i < 10; ++i) {
    if (i == 4 && is_last()) place.cuda->device().work().graphs().forget();
    turns.turn();
    turns.check();
  }
  CHECK(turns.graphs().captured() == 2);  // on all, and not on the last one alone
  CHECK(turns.graphs().played() >= 2);
}

TEST_CASE(
    "A rank that hands over earlier than the others plays until it has come as far, and then all go on in graphs") {
  OnDouble place(60, false, GraphUse::on);
  Turns turns{place};
  for (int i = 0; i < 8; ++i) {
    turns.turn([&] {
      if (i == 3 && is_last()) place.cuda->device().work().flush();  // as where memory runs out
    });
    turns.check();
  }
  CHECK(turns.graphs().launched() >= 5);
}

TEST_CASE("What is under way when work is handed over in its middle, or gathered, is part of neither's graph") {
  OnDouble place(60, false, GraphUse::on);
  Turns turns{place};
  const Buffer<float> other = place.there(std::vector<float>(3, 1));
  for (int i = 0; i < 5; ++i) {
    turns.turn([&] { CHECK(OnDouble::here(other) == std::vector<float>(3, 1)); });
    turns.check();
  }
  CHECK(turns.graphs().captured() == 2);
  CHECK(turns.graphs().launched() == 8);
  std::vector<float> want = turns.first;
  ranks().all_reduce(std::span<float>(want));
  for (int i = 0; i < 3; ++i) {
    turns.x.upload(turns.first);
    place.nccl->begin_sum(turns.x.span());
    AsOne<Cuda> work(*place.cuda);
    place.nccl->end_sums();
    dispatch(*place.cuda, Scale<float>{5000, 1.f, turns.x.data(), turns.x.data(), false});
    work.done();
    CHECK(same_bits(OnDouble::here(turns.x), want));
  }
}

TEST_CASE("A rank that cannot capture leaves all with single calls, or with an error where graphs are on") {
  for (const char* const function : {"cudaStreamBeginCapture", "cudaStreamEndCapture", "cudaGraphInstantiate"}) {
    INFO(function);
    sseg_test::CapturedFile said;
    {
      OnDouble place(60, false, GraphUse::automatic, said.file());
      Turns turns{place};
      if (is_last()) cuda_double::calls().fail(function);
      for (int i = 0; i < 5; ++i) {
        turns.turn();
        turns.check();
      }
      CHECK(turns.graphs().launched() == 0);
    }
    const std::string text = said.text();
    CHECK_THAT(text, Catch::Matchers::Contains("call by call"));
    CHECK_THAT(text, Catch::Matchers::Contains(is_last() ? function : "another rank could not capture its part"));
    CHECK(text.find("call by call") == text.rfind("call by call"));
    {
      OnDouble place(60, false, GraphUse::on);
      Turns turns{place};
      if (is_last()) cuda_double::calls().fail(function);
      turns.turn();
      CHECK_THROWS_WITH(turns.turn(), Catch::Matchers::Contains(is_last() ? function : "another rank could not"));
    }
  }
}

TEST_CASE("A call of NCCL that fails while it is captured ends the run on all ranks") {
  for (const char* const function : {"ncclAllGather", "ncclGroupEnd", "ncclBroadcast"}) {
    if (ranks().size() == 1) return;
    INFO(function);
    OnDouble place(20, true, GraphUse::automatic, nullptr);
    Turns turns{place};
    turns.turn();
    place.cuda->wait();
    if (is_last()) cuda_double::calls().fail(function);
    CHECK_THROWS_WITH((turns.turn(), place.cuda->wait(), turns.turn()),
                      Catch::Matchers::Contains(is_last() ? "unhandled system error" : "remote process exited"));
  }
}

TEST_CASE("A rank that does not do its part of a launched graph is told after the time, and the stream goes on") {
  if (ranks().size() == 1) return;
  std::string told;
  {
    OnDouble place(1, true, GraphUse::on);
    Turns turns{place};
    for (int i = 0; i < 3; ++i) turns.turn();
    place.cuda->wait();
    std::vector<double> together{1};
    ranks().all_reduce(std::span<double>(together));
    turns.turn();
    CHECK(turns.graphs().launched() == 3);
    if (ranks().rank() > 0) {
      try {
        place.cuda->wait();  // would wait for ever, but for the watch
        turns.turn();
      } catch (const Error& e) {
        told = e.what_happened();
      }
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2500));  // late work of the double is not done meanwhile
    }
    ranks().all_reduce(std::span<double>(together));
  }
  if (ranks().rank() > 0)
    CHECK_THAT(told, Catch::Matchers::Contains("no answer from the other ranks for 1 s") ||
                         Catch::Matchers::Contains("remote process exited"));
}

TEST_CASE("A graph that one rank cannot launch ends the others' waiting") {
  if (ranks().size() == 1) return;
  OnDouble place(20, true, GraphUse::on);
  Turns turns{place};
  for (int i = 0; i < 3; ++i) turns.turn();
  place.cuda->wait();
  if (is_last()) cuda_double::calls().fail("cudaGraphLaunch");
  CHECK_THROWS_WITH((turns.turn(), place.cuda->wait(), turns.turn()),
                    Catch::Matchers::Contains(is_last() ? "cudaGraphLaunch" : "remote process exited"));
}

TEST_CASE("Gathered messages that are dropped were never sent") {
  OnDouble place(60, false, GraphUse::on);
  Turns turns{place};
  turns.turn();
  {
    const AsOne<Cuda> given_up(*place.cuda);
    place.nccl->begin_sum(turns.x.span());
  }
  turns.turn();
  turns.check();
}

TEST_CASE("A communicator that goes before its gathered work is done takes that along") {
  OnDouble place(60, false, GraphUse::on);
  Turns turns{place};
  for (int i = 0; i < 3; ++i) turns.turn();
  turns.check();
  AsOne<Cuda> work(*place.cuda);
  place.nccl->begin_sum(turns.x.span());
  place.nccl.reset();
  work.done();
}

TEST_CASE("What ranks and their device cannot have is refused, in words") {
  OnDouble place;
  CHECK_THROWS_WITH(Nccl<Mpi>(place.cuda->device(), ranks()), Catch::Matchers::Contains("a communicator already"));
  place.nccl.reset();
  place.cuda.reset();
  const auto options = [](GraphUse use, std::FILE* say = nullptr) {
    return CudaOptions{
        .device = ranks().rank(), .cache = cuda_test::kernel_cache(), .graph = use, .say = say, .threads = 1};
  };
  if (ranks().size() > 1) {
    Cuda differs(options(is_last() ? GraphUse::off : GraphUse::on));
    CHECK_THROWS_WITH(Nccl<Mpi>(differs.device(), ranks()),
                      Catch::Matchers::Contains("differ in their use of CUDA graphs"));
  }
  Cuda strict(options(GraphUse::on));
  CHECK_THROWS_WITH(Across(strict, ranks()),
                    Catch::Matchers::Contains("over the host") && Catch::Matchers::Contains("--communicator nccl"));
  sseg_test::CapturedFile said;
  Cuda lax(options(GraphUse::automatic, said.file()));
  const Across first(lax, ranks());
  const Across second(lax, ranks());
  const std::string text = said.text();
  CHECK_THAT(text, Catch::Matchers::Contains("call by call") && Catch::Matchers::Contains("over the host"));
  CHECK(text.find("call by call") == text.rfind("call by call"));
}

}  // namespace gathered_test
