#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/net/seed_network.hpp"
#include "sseg/net/trace.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/ssl/ema_teacher.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/step.hpp"
#include "support/catch.hpp"

namespace law {

using namespace sseg;
using Net = Learner<>;
using Model = Growing<Net, float>;

inline constexpr Shape image{12, 12, 1};
inline constexpr Index batch = 16;

inline std::vector<float> random_images(std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> x(to_size(batch * image.count()));
  for (float& v : x) v = rng.uniform();
  return x;
}
inline View<const float> as_batch(const std::vector<float>& x) {
  return {x.data(), {batch, image[0], image[1], image[2]}};
}

/// A learner after a few real training steps, so that weights, norms, running statistics and moments are all in use.
inline Model trained_model(Net net, std::uint64_t seed, int steps = 12) {
  Cpu cpu(1);
  ParamStore<float> student = make_store<float>(net, AdamW::moments, Rng(seed));
  Model m{net, student, reseat(student, net, 0, Rng(seed))};
  Step<float> step;
  for (int i = 0; i < steps; ++i) {
    const auto x = random_images(seed + static_cast<std::uint64_t>(i));
    step.run(cpu, m.net, m.student, as_batch(x), NtXent{0.3f});
    AdamW{}.update(cpu, m.student, 0.01f);
    EmaTeacher{.decay = 0.7f, .warm_up = false}.update(cpu, m.student, m.teacher, i);
  }
  return m;
}

inline std::vector<float> output(const Net& net, const ParamStore<float>& store, Mode mode) {
  Cpu cpu(1);
  Trace<float> trace;
  ParamStore<float> copy = store;
  const auto x = random_images(999);
  const auto y = trace.forward(cpu, net, copy, as_batch(x), mode, false);
  return {y.flat().begin(), y.flat().end()};
}
inline float drift(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  float worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
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
  CHECK(after.net.param_count() > before.net.param_count());
  CHECK(after.student.value.size() == after.net.param_count());
  CHECK(after.teacher.state.size() == after.net.state_count());
  if (M::keeps_function)
    for (const Mode mode : {Mode::train, Mode::eval}) {
      CHECK(drift(output(before.net, before.student, mode), output(after.net, after.student, mode)) < 1e-5f);
      CHECK(drift(output(before.net, before.teacher, mode), output(after.net, after.teacher, mode)) < 1e-5f);
    }
  check_untouched(before.student, after.student);
  check_untouched(before.teacher, after.teacher);

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
