// A mutation of your own: WIDEN the narrowest stage by eight channels, at every second look at the probe. It is a plain
// value with a name, an edit and a few functions; the library's training loop takes it as it takes its own, and a
// history of it can be replayed.

// test: 48
#include <sseg/augment/pipeline.hpp>
#include <sseg/augment/warp.hpp>
#include <sseg/backend/cpu.hpp>
#include <sseg/curriculum/synthetic_shapes.hpp>
#include <sseg/evolve/every.hpp>
#include <sseg/evolve/replay.hpp>
#include <sseg/evolve/widen.hpp>
#include <sseg/net/seed_network.hpp>
#include <sseg/optim/adamw.hpp>
#include <sseg/optim/schedule.hpp>
#include <sseg/ssl/nt_xent.hpp>
#include <sseg/train/fit.hpp>

#include <cstdio>
#include <cstdlib>

using namespace sseg;

struct WidenNarrowest {
  static constexpr std::string_view name = "widen_narrowest";
  static constexpr bool keeps_function = true;
  using Edit = Widen::Edit;  // stage, channels
  Index step = 8, most = 48;
  bool operator==(const WidenNarrowest&) const = default;

  template <class Net>
  std::optional<Edit> propose(const Net& net, const Signals&, Rng&) const {
    const auto& list = stages(backbone(net));
    Index narrowest = 0;
    for (Index s = 1; s < list.size(); ++s)
      if (width(list[s]) < width(list[narrowest])) narrowest = s;
    const Index channels = width(list[narrowest]) + step;
    return channels <= most ? std::optional(Edit{narrowest, channels}) : std::nullopt;
  }
  // The new net, the place in words, and what becomes of the weights: as WIDEN does it, new ones lead nowhere at first.
  template <class Net>
  Net apply(const Net& net, const Edit& e) const {
    return Widen{}.apply(net, e);
  }
  template <class Net>
  std::string place(const Net& net, const Edit& e) const {
    return Widen{}.place(net, e);
  }
  template <class Net, class Store>
  void carry(const Net& net, const Edit& e, const Store& old, Store& fresh) const {
    Widen{}.carry(net, e, old, fresh);
  }
};

int main(int argc, char** argv) {
  const Index steps = argc > 1 ? std::atol(argv[1]) : 160;
  const Shape image{16, 16, 1};
  const Images data = SyntheticShapes{.seed = 1, .count = 400, .side = 16}.images();
  const InstanceProbe probe(SyntheticShapes{.seed = 2, .count = 64, .side = 16}.images(), pipeline(Warp{}), Rng(2));

  const auto task = objective(Term<NtXent>{.loss = {.temperature = 0.2f}});
  const auto growth = Evolve<Every, WidenNarrowest>{Every{.probes = 2}};
  const auto recipe =
      make_recipe(two_views(pipeline(Warp{})), task, AdamW{}, Warmup<Cosine>{8, {0.005f, 0}}, EmaTeacher{}, growth);
  const auto cnn = SeedNetwork{.initial_channels = 8, .num_blocks = 2}.build(image);
  using Net = Learner<Flatten, decltype(task)::Heads>;
  const Net net{{cnn, {{projection_head(feature_count(cnn, image), 32, 16)}, {true}}}};

  Cpu cpu(0);
  const std::atomic<bool> stop{false};
  auto state = start_training<float>(net, AdamW::moments, Rng(3));
  const auto seed = state.model;
  make_fit(cpu, data, probe, {.steps = steps, .batch = 32, .probe_every = 8}, recipe, Rng(4)).run(state, stop);

  for (const auto& m : state.history)
    std::printf("step %4td  %s: %s, probe %.3f to %.3f\n", m.step, m.kind.c_str(), m.place.c_str(), m.probe_before,
                m.probe_after);
  std::printf("net %s\n", describe(backbone(state.model.net)).c_str());
  const bool same = replay(seed, state.history, growth.mutations).net == state.model.net;
  std::printf("its history %s the same net\n", same ? "rebuilds" : "does not rebuild");
  return same && !state.history.empty() ? 0 : 1;
}
