// Whole runs on k ranks with a card each, whose steps are CUDA graphs: the bits of single calls, and what waits.
#include <string>
#include <vector>

#include "mpi/cuda/on_double.hpp"
#include "sseg/dist/across.hpp"
#include "unit/train/small_run.hpp"

namespace graph_test {

using namespace small_run;
using cuda::GraphUse;

constexpr FitConfig shared{.steps = 24, .batch = 24, .probe_every = 6, .recalibrate_steps = 2};

/// Reads every loss as soon as it is there, or none.
struct Losses {
  bool reads = true;
  std::vector<double> all{};
  void on_step(const StepInfo& s) {
    if (reads) all.push_back(s.loss);
  }
};

struct Trained {
  State state;
  std::vector<double> losses{};
  std::size_t captured = 0, launched = 0;
  bool operator==(const Trained& b) const { return same_bits(state, b.state) && losses == b.losses; }
};

/// A whole run.
Trained train(const SmallRecipe& r, GraphUse graph, Index bucket, bool statistics, bool listens) {
  OnDouble place(60, false, graph);
  Across across(*place.cuda, *place.nccl, statistics, bucket);
  const std::atomic<bool> stop{false};
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  Trained t{start()};
  Losses losses{listens};
  make_fit(across, train, probe, shared, r, Rng(3), losses).run(t.state, stop);
  t.losses = losses.all;
  const cuda::GraphCache& graphs = place.cuda->device().work().graphs();
  t.captured = graphs.captured(), t.launched = graphs.launched();
  return t;
}

TEST_CASE("A run of graphs on ranks has the bits of one without, for buckets of any size, through mutations") {
  for (const bool statistics : {true, false}) {
    INFO((statistics ? "norms of the whole batch" : "norms of each part"));
    const Trained by_calls = train(recipe(), GraphUse::off, 300, statistics, true);
    CHECK(by_calls.launched == 0);
    REQUIRE(by_calls.state.history.size() >= 1);
    for (const Index bucket : {Index{0}, Index{300}, Index{1} << 30}) {
      INFO("bucket " << bucket);
      const Trained by_graphs = train(recipe(), GraphUse::on, bucket, statistics, true);
      CHECK(by_graphs == by_calls);
      CHECK(by_graphs.captured >= 2);
      CHECK(by_graphs.launched >= 10);
    }
  }
}

TEST_CASE("Losses that nobody listens to are as those that are read at once") {
  const Trained read = train(recipe(), GraphUse::on, 300, true, true);
  const Trained left = train(recipe(), GraphUse::on, 300, true, false);
  CHECK(same_bits(read.state, left.state));
}

TEST_CASE("A run of graphs on ranks that routes has the bits of one without") {
  for (const char* const loss : {"shared", "repel"}) {
    INFO(loss);
    SmallRecipe r = routed_recipe();
    r.routing.config->negative_loss = loss;
    const Trained by_calls = train(r, GraphUse::off, 300, true, false);
    const Trained by_graphs = train(r, GraphUse::on, 300, true, false);
    CHECK(by_graphs == by_calls);
    CHECK(by_graphs.launched >= 5);
  }
}

namespace {

/// What the double has seen so far.
struct Seen {
  std::int64_t streams = cuda_double::calls().count("cudaStreamSynchronize"),
               events = cuda_double::calls().count("cudaEventSynchronize"),
               copies = cuda_double::calls().count(cuda_double::copies_to_host),
               blocks = cuda_double::calls().count("cudaMalloc"),
               launches = cuda_double::calls().count("cudaLaunchKernel"),
               gathers = cuda_double::calls().count("ncclAllGather"), sends = cuda_double::calls().count("ncclSend"),
               graphs = cuda_double::calls().count("cudaGraphLaunch");
};

void waits_for_nothing(const SmallRecipe& r, GraphUse graph, std::int64_t graphs_of_a_step) {
  OnDouble place(60, false, graph);
  Across across(*place.cuda, *place.nccl, true, 300);
  const Images train = images();
  const InstanceProbe probe(probe_images(), r.views.global, Rng(2));
  FitConfig c = shared;
  c.steps = 1000;
  Losses losses{false};
  auto fit = make_fit(across, train, probe, c, r, Rng(3), losses);
  State state = start();
  state.step = 1;  // a step of looking for collapse is none of these
  for (int i = 0; i < 4; ++i) fit.step(state);
  const Seen before;
  for (int i = 0; i < 3; ++i) fit.step(state);
  const Seen after;
  CHECK(after.streams == before.streams);
  CHECK(after.copies == before.copies);
  CHECK(after.blocks == before.blocks);
  CHECK(after.graphs - before.graphs == 3 * graphs_of_a_step);
  if (graphs_of_a_step > 0) {
    CHECK(after.launches == before.launches);
    CHECK(after.gathers == before.gathers);
    CHECK(after.sends == before.sends);
  }
  fit.bring_home(state);
  CHECK(state.loss.count == 7);
}

}  // namespace

TEST_CASE("A step of ranks waits for no device and brings nothing to the host, as one graph or by single calls") {
  waits_for_nothing(recipe(), GraphUse::on, 1);
  waits_for_nothing(recipe(), GraphUse::off, 0);
  SmallRecipe r = routed_recipe();
  r.routing.config->update_every = 1000;
  for (const char* const loss : {"shared", "repel"}) {
    r.routing.config->negative_loss = loss;
    waits_for_nothing(r, GraphUse::on, 1);
  }
}

}  // namespace graph_test
