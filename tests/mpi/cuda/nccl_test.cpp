// Nccl between processes, each with a card of the double. What must hold on cards, too.
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "laws/communicator_law.hpp"
#include "mpi/cuda/on_double.hpp"

namespace nccl_test {

using namespace sseg;
using communicator_law::of_rank;
using communicator_law::same_bits;

namespace {

/// Brings the host's spans to the device and back, so that the law can look at them.
struct FromHostToHost {
  OnDouble& place;
  using Space = HostSpace;
  int rank() const { return place.nccl->rank(); }
  int size() const { return place.nccl->size(); }
  template <class T, class F>
  void with(std::span<T> x, F&& f) {
    Buffer<T> b = place.there(std::vector<T>(x.begin(), x.end()));
    f(b.span());
    b.download(x);
  }
  template <class T>
  void all_reduce(std::span<T> x) {
    with(x, [&](std::span<T> there) { place.nccl->all_reduce(there); });
  }
  template <class T>
  void broadcast(std::span<T> x) {
    with(x, [&](std::span<T> there) { place.nccl->broadcast(there); });
  }
  template <class T>
  void all_gather(std::span<const T> mine, std::span<T> all) {
    const Buffer<T> from = place.there(std::vector<T>(mine.begin(), mine.end()));
    with(all, [&](std::span<T> there) { place.nccl->all_gather(std::span<const T>(from.span()), there); });
  }
};

}  // namespace

TEST_CASE("Nccl obeys the communicator law") {
  OnDouble place;
  FromHostToHost hosted{place};
  communicator_law::obeys_communicator_law(hosted);
  CHECK(cuda_double::calls().count("ncclAllReduce") == 0);
}

TEST_CASE("Sums of Nccl are the bits of Mpi's, long and short, under way and waited for, whatever the device does") {
  OnDouble place;
  const std::vector<std::size_t> counts{40000, 1, 0, 2, 3, 2048, 5000, 300001};
  std::vector<std::vector<float>> want;
  std::vector<Buffer<float>> got;
  for (const std::size_t count : counts) {
    want.push_back(of_rank<float>(ranks().rank() + static_cast<int>(count), count));
    got.push_back(place.there(want.back()));
    ranks().all_reduce(std::span<float>(want.back()));
  }
  Buffer<float> other = place.there(std::vector<float>(7, 1)), work = place.there(std::vector<float>(1000, 2));
  for (Buffer<float>& b : got) {
    place.nccl->begin_sum(b.span());
    dispatch(*place.cuda, Scale<float>{1000, 2.f, work.data(), work.data(), false});  // beside the sums
    place.nccl->progress_sums();
    if (b.size() == 2048) place.nccl->all_reduce(other.span());
  }
  place.nccl->end_sums();
  place.nccl->end_sums();
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO(counts[i] << " values");
    CHECK(same_bits(place.here(got[i]), want[i]));
  }
  CHECK(place.here(other) == std::vector<float>(7, static_cast<float>(ranks().size())));
  CHECK(place.here(work) == std::vector<float>(1000, 512.f));
}

TEST_CASE("A sum comes after what the device was given before it, whichever of the streams gets to run first") {
  OnDouble place;
  const std::vector<float> mine = of_rank<float>(ranks().rank(), 5000);
  std::vector<float> want = mine;
  for (float& v : want) v *= 2;
  ranks().all_reduce(std::span<float>(want));
  Buffer<float> x = place.there(mine);
  dispatch(*place.cuda, Scale<float>{5000, 2.f, x.data(), x.data(), false});
  place.nccl->begin_sum(x.span());
  place.nccl.reset();  // in the double its stream does its work here, without the device's
  CHECK(same_bits(place.here(x), want));
}

TEST_CASE("Nccl takes no memory of the device once it has had a sum of a length") {
  OnDouble place;
  Buffer<float> x = place.there(std::vector<float>(20000, 1));
  place.nccl->all_reduce(x.span());
  const auto before = place.cuda->device().pool()->allocations();
  for (int i = 0; i < 3; ++i) {
    place.nccl->begin_sum(x.span());
    place.nccl->begin_sum(x.span().first(5000));
    place.nccl->end_sums();
  }
  CHECK(place.cuda->device().pool()->allocations() == before);
}

TEST_CASE("Nccl says what does not fit") {
  OnDouble place;
  Buffer<float> one = place.there(std::vector<float>(1)),
                many = place.there(std::vector<float>(to_size(ranks().size() + 1)));
  CHECK_THROWS_WITH(place.nccl->all_gather(std::span<const float>(one.span()), many.span()),
                    Catch::Matchers::Contains("no room for what is gathered"));
  CHECK_THROWS_WITH(Nccl<Mpi>(place.cuda->device(), ranks(), {.timeout = 0}),
                    Catch::Matchers::Contains("time-out must be positive"));
}

namespace {

std::string failure_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    CHECK_FALSE(e.where().empty());
    CHECK_FALSE(e.cure().empty());
    return e.what_happened();
  }
  return {};
}

}  // namespace

TEST_CASE("A call of NCCL that fails on one rank is told there by NCCL's words, and ends the others' waiting") {
  const int last = ranks().size() - 1;
  if (last == 0) return;
  for (const char* const function : {"ncclGetUniqueId", "ncclCommInitRankConfig", "ncclAllGather", "ncclGroupStart",
                                     "ncclSend", "ncclRecv", "ncclGroupEnd", "ncclBroadcast"}) {
    INFO(function);
    const bool makes_id = std::string(function) == "ncclGetUniqueId";
    const bool starts = std::string(function) == "ncclCommInitRankConfig";
    const int who = makes_id ? 0 : last;
    std::string told;
    {
      cuda_test::start_double(std::vector<cuda_double::Card>(to_size(ranks().size())));
      Cuda cuda({.device = ranks().rank(), .cache = cuda_test::kernel_cache(), .threads = 1});
      if (ranks().rank() == who) cuda_double::calls().fail(function);
      told = failure_of([&] {
        Nccl<Mpi> nccl(cuda.device(), ranks(), {.timeout = 20});
        Buffer<float> x, all;
        for (Buffer<float>* b : {&x, &all}) b->lie_in(cuda.memory());
        x.resize(5000), all.resize(5 * ranks().size());
        for (int turn = 0; turn < 2; ++turn) {  // the second hears of what failed in the first
          nccl.all_reduce(x.span().first(100));
          nccl.all_reduce(x.span());
          nccl.broadcast(x.span());
          nccl.all_gather(std::span<const float>(x.span().first(5)), all.span());
          cuda.wait();
        }
      });
    }
    if (ranks().rank() == who) {
      CHECK_THAT(told, Catch::Matchers::StartsWith("NCCL: unhandled system error") ||
                           Catch::Matchers::StartsWith("NCCL: invalid usage"));
      CHECK(cuda_double::calls().failed() == 1);
    } else {
      CHECK_THAT(told, Catch::Matchers::Contains(makes_id ? "the first rank could not make an id"
                                                 : starts ? "does not start on another rank"
                                                          : "remote process exited or there was a network error"));
    }
    CHECK(cuda_test::double_faults().empty());
  }
}

TEST_CASE("A rank that gives nothing is told after the time, by the next call, and the stream goes on") {
  if (ranks().size() == 1) return;
  std::string told;
  {
    OnDouble place(0.5, true);
    if (ranks().rank() > 0) {
      Buffer<float> x = place.there(std::vector<float>(5000, 1));
      told = failure_of([&] {
        place.nccl->all_reduce(x.span());
        place.cuda->wait();  // would wait for ever, but for the watch
        place.nccl->all_reduce(x.span());
      });
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    }
    std::vector<double> together{1};
    ranks().all_reduce(std::span<double>(together));
  }
  if (ranks().rank() > 0)
    CHECK_THAT(told, Catch::Matchers::Contains("no answer from the other ranks for 0.5 s") ||
                         Catch::Matchers::Contains("remote process exited"));
}

TEST_CASE("Ranks that do not come to the start are waited for no longer than the time") {
  if (ranks().size() == 1) return;
  cuda_test::start_double(std::vector<cuda_double::Card>(to_size(ranks().size())));
  {
    Cuda cuda({.device = ranks().rank(), .cache = cuda_test::kernel_cache(), .threads = 1});
    ncclUniqueId nobody{};
    REQUIRE(ncclGetUniqueId(&nobody) == ncclSuccess);
    CHECK_THROWS_WITH(NcclComm(nobody, 0, 2, ranks().rank(), 0.1, [](bool ok) { return ok; }),
                      Catch::Matchers::Contains("no answer from the other ranks for 0.1 s"));
  }
  CHECK(cuda_test::double_faults().empty());
}

}  // namespace nccl_test
