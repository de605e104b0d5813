#pragma once
#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/augment/view_set.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/net/trace.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/ssl/ema_teacher.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/objective.hpp"
#include "sseg/train/head_pass.hpp"
#include "sseg/train/step.hpp"
#include "support/catch.hpp"
#include "support/worse.hpp"

namespace law {

using namespace sseg;

/// A second task, so that two heads of different kinds read the backbone.
struct WarmNtXent : NtXent {
  static constexpr std::string_view name = "warm";
  bool operator==(const WarmNtXent&) const = default;
};
using TwoTasks = Objective<Term<NtXent>, Term<WarmNtXent, Chain<Linear>>>;
using Net = Learner<Flatten, TwoTasks::Heads>;
using Model = Growing<Net, float>;

inline constexpr Shape image{12, 12, 1};
inline constexpr Index batch = 16;

inline TwoTasks two_tasks() {
  return objective(Term<NtXent>{.loss = {0.3f}}, Term<WarmNtXent, Chain<Linear>>{.loss = {{0.5f}}});
}
inline Net two_headed(EvolvableCnn<> cnn) {
  const Index features = feature_count(cnn, image);
  return {
      {std::move(cnn), {{projection_head(features, 12, 8), chain(Linear{.in = features, .out = 5})}, {true, true}}}};
}

inline std::vector<float> random_images(std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> x(to_size(batch * image.count()));
  for (float& v : x) v = rng.uniform();
  return x;
}
inline View<const float> as_batch(const std::vector<float>& x) {
  return {x.data(), {batch, image[0], image[1], image[2]}};
}

/// Gradients of one batch.
inline void backward(Cpu& cpu, Model& m, std::uint64_t seed) {
  const auto x = random_images(seed);
  Step<float> step;
  LossMemory<float> memory;
  const ViewSet::Views views{as_batch(x), {}, {}, batch / 2};
  step.run(cpu, m.net, m.student, m.teacher, views, two_tasks(), memory, Progress{});
}

/// A learner after a few real training steps, so that weights, norms, running statistics and moments are all in use.
inline Model trained_model(Net net, std::uint64_t seed, int steps = 12) {
  Cpu cpu(1);
  ParamStore<float> student = make_store<float>(net, AdamW::moments, Rng(seed));
  Model m{net, student, reseat(student, net, 0, Rng(seed))};
  for (int i = 0; i < steps; ++i) {
    backward(cpu, m, seed + static_cast<std::uint64_t>(i));
    AdamW{}.update(cpu, m.student, 0.01f);
    EmaTeacher{.decay = 0.7f, .warm_up = false}.update(cpu, m.student, m.teacher, {i, steps});
  }
  return m;
}

/// What every head says, one after the other.
inline std::vector<float> output(const Net& net, const ParamStore<float>& store, Mode mode) {
  Cpu cpu(1);
  Trace<float> trace;
  ParamStore<float> copy = store;
  const auto x = random_images(999);
  const View<const float> features = trace.forward(cpu, backbone(net), copy, as_batch(x), mode, false);
  std::vector<float> said;
  head(net).each_on([&](auto i, const auto& one) {
    Seat seat = head(net).seat(i);
    seat.param += backbone(net).param_count();
    HeadPass<float> pass;
    const auto z = pass.forward(cpu, one, copy, seat, features);
    said.insert(said.end(), z.flat().begin(), z.flat().end());
  });
  return said;
}
inline float drift(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  float worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = worse(worst, std::abs(a[i] - b[i]));
  return worst;
}

/// Entries whose key and shape are unchanged must be bit-identical: values, state, moments, steps.
inline void check_untouched(const ParamStore<float>& before, const ParamStore<float>& after) {
  Index same = 0;
  for (const auto& old : before.entries) {
    const auto* now = after.find(old.desc.key);
    INFO(old.desc.key);
    REQUIRE(now != nullptr);
    if (now->desc.shape != old.desc.shape) continue;
    ++same;
    CHECK(std::ranges::equal(before.values(old), after.values(*now)));
    CHECK(now->step == old.step);
    if (!old.is_param()) continue;
    for (std::size_t m = 0; m < before.moment.size(); ++m)
      CHECK(std::equal(before.moment[m].data() + old.offset, before.moment[m].data() + old.offset + old.count(),
                       after.moment[m].data() + now->offset));
  }
  CHECK(same > 0);
}

/// The laws of concepts/mutation.hpp for one edit of a trained model; returns the mutated model.
template <class M>
Model obeys_mutation_law(const Model& before, const M& mutation, const typename M::Edit& edit) {
  static_assert(Mutation<M, Net, ParamStore<float>>);
  INFO(M::name << " at " << mutation.place(before.net, edit));
  const auto outputs = [](const Model& m) {
    std::vector<std::vector<float>> all;
    for (const Mode mode : {Mode::train, Mode::eval})
      for (const ParamStore<float>* store : {&m.student, &m.teacher}) all.push_back(output(m.net, *store, mode));
    return all;
  };
  const auto said = outputs(before);
  Model after = before;
  mutate(after, mutation, edit, Rng(5));
  CHECK(after.net == mutation.apply(before.net, edit));
  CHECK(!(after.net == before.net));
  if (M::keeps_function) CHECK(after.net.param_count() > before.net.param_count());
  CHECK(after.student.value.size() == after.net.param_count());
  CHECK(after.teacher.state.size() == after.net.state_count());
  if (M::keeps_function)
    for (const Mode mode : {Mode::train, Mode::eval}) {
      CHECK(drift(output(before.net, before.student, mode), output(after.net, after.student, mode)) < 1e-5f);
      CHECK(drift(output(before.net, before.teacher, mode), output(after.net, after.teacher, mode)) < 1e-5f);
    }
  check_untouched(before.student, after.student);
  check_untouched(before.teacher, after.teacher);

  // Student and teacher get the same draw of what is new.
  for (const auto& e : after.student.entries)
    if (before.student.find(e.desc.key) == nullptr)
      CHECK(std::ranges::equal(after.student.values(e), after.teacher.values(after.teacher.at(e.desc.key))));

  // To undo is to keep the old value: net and stores of before still give the very same output.
  CHECK(outputs(before) == said);

  // The same stream draws the same weights.
  Model again = before;
  mutate(again, mutation, edit, Rng(5));
  CHECK(again.student.value == after.student.value);
  CHECK(again.teacher.value == after.teacher.value);
  return after;
}

}  // namespace law
