#include "laws/mutation_law.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/widen.hpp"

using namespace law;

namespace {
Model small_model(std::uint64_t seed = 3) {
  auto cnn = SeedNetwork{.initial_channels = 5, .num_blocks = 2, .pool = 2}.build(image);
  residuals(stages(cnn)[0]).push_back(make_identity_block(5));
  return trained_model(make_learner(cnn, image, 12, 8), seed);
}

/// One real training step; the learning rate is the largest update Adam should make at an old or a new weight.
ParamStore<float> one_step(const Model& m, float rate) {
  Cpu cpu(1);
  ParamStore<float> store = m.student;
  Step<float> step;
  const auto x = random_images(77);
  step.run(cpu, m.net, store, as_batch(x), NtXent{0.3f});
  AdamW{.decay = 0}.update(cpu, store, rate);
  return store;
}
}  // namespace

TEST_CASE("GROW keeps the function in both modes, student and teacher, wherever it acts") {
  const Model m = small_model();
  for (const Index stage : {Index{0}, Index{1}}) obeys_mutation_law(m, Grow{}, {stage});
}

TEST_CASE("WIDEN keeps the function in both modes, inside and at the end of the net") {
  const Model m = small_model();
  for (const Index stage : {Index{0}, Index{1}})
    for (const Index channels : {Index{6}, Index{8}, Index{17}}) obeys_mutation_law(m, Widen{}, {stage, channels});
}

TEST_CASE("Mutations follow each other: grow, widen, widen again, grow") {
  Model m = small_model();
  m = obeys_mutation_law(m, Grow{}, {1});
  m = obeys_mutation_law(m, Widen{}, {1, 8});
  m = obeys_mutation_law(m, Widen{}, {1, 12});
  m = obeys_mutation_law(m, Widen{}, {0, 9});
  m = obeys_mutation_law(m, Grow{}, {0});
  CHECK(describe(backbone(m.net)) == "9+2 > 12+1");
}

TEST_CASE("A grown block and new channels receive gradients and train") {
  const Model m = small_model();
  Model wide = m;
  mutate(wide, Widen{}, {0, 8}, Rng(1));
  const auto stepped = one_step(wide, 0.01f);
  const auto& reader = wide.student.at("net/0/0/#1/0/0/weight");
  Index moved = 0;
  for (Index i = 0; i < reader.count(); ++i)
    moved += stepped.value[reader.offset + i] != wide.student.value[reader.offset + i];
  CHECK(moved == reader.count());

  Model deep = m;
  mutate(deep, Grow{}, {1}, Rng(1));
  const auto& gamma = deep.student.at("net/0/0/#1/1/#0/0/1/gamma");
  const auto trained = one_step(deep, 0.01f);
  for (Index i = 0; i < gamma.count(); ++i) {
    CHECK(deep.student.value[gamma.offset + i] == 0.f);
    CHECK(trained.value[gamma.offset + i] != 0.f);
  }
}

TEST_CASE("New elements of a widened tensor start with updates of at most the learning rate") {
  Model m = small_model();
  mutate(m, Widen{}, {1, 10}, Rng(2));
  const auto stepped = one_step(m, 0.01f);
  const auto& e = m.student.at("net/0/0/#1/0/0/weight");
  REQUIRE(e.cohort.size() == to_size(e.count()));
  Index young = 0;
  for (Index i = 0; i < e.count(); ++i) {
    if (e.cohort[to_size(i)] == 0) continue;
    ++young;
    CHECK(std::abs(stepped.value[e.offset + i] - m.student.value[e.offset + i]) <= 0.01f * 1.001f);
    CHECK(m.student.moment[0][e.offset + i] == 0.f);
    CHECK(m.student.moment[1][e.offset + i] == 0.f);
  }
  CHECK(young == 3 * 3 * 5 * 5);
}

TEST_CASE("Old elements of a widened tensor keep value and moments bit for bit") {
  const Model before = small_model();
  Model after = before;
  mutate(after, Widen{}, {0, 7}, Rng(2));
  const auto& old = before.student.at("net/0/0/#1/0/0/weight");  // (3, 3, 5, 5) becomes (3, 3, 7, 5)
  const auto& now = after.student.at("net/0/0/#1/0/0/weight");
  for (Index tap = 0; tap < 9; ++tap)
    for (Index c = 0; c < 7; ++c)
      for (Index o = 0; o < 5; ++o) {
        const Index at = now.offset + (tap * 7 + c) * 5 + o;
        if (c < 5) {
          const Index was = old.offset + (tap * 5 + c) * 5 + o;
          CHECK(after.student.value[at] == before.student.value[was]);
          CHECK(after.student.moment[1][at] == before.student.moment[1][was]);
        } else {
          CHECK(after.student.value[at] == 0.f);
        }
      }
}

TEST_CASE("A mutation carried to the student alone would leave the teacher behind: update refuses") {
  Model m = small_model();
  ParamStore<float> teacher = m.teacher;
  mutate(m, Grow{}, {0}, Rng(1));
  Cpu cpu(1);
  CHECK_THROWS_AS(EmaTeacher{}.update(cpu, m.student, teacher, 0), Error);
}

TEST_CASE("Limits are kept, and a mutation at its limit proposes nothing") {
  const Model m = small_model();
  Rng rng(1);
  CHECK(!Grow{.max_blocks = 3}.propose(m.net, {}, rng));
  CHECK(Grow{.max_blocks = 4}.propose(m.net, {}, rng));
  CHECK(!Widen{.factor = 1.5f, .max_channels = 5}.propose(m.net, {}, rng));
  const auto edit = Widen{.factor = 4.f, .max_channels = 7}.propose(m.net, {}, rng);
  REQUIRE(edit);
  CHECK(edit->channels == 7);
}
