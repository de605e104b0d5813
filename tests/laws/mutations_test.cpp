#include "laws/mutation_law.hpp"
#include "sseg/evolve/add_stage.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/widen.hpp"
#include "sseg/evolve/widen_grad_max.hpp"
#include "sseg/evolve/widen_net2wider.hpp"

namespace mutations_test {

using namespace law;

namespace {
Model small_model(std::uint64_t seed = 3) {
  auto cnn = SeedNetwork{.initial_channels = 5, .num_blocks = 2, .pool = 2}.build(image);
  residuals(stages(cnn)[0]).push_back(make_identity_block(5));
  return trained_model(two_headed(cnn), seed);
}

/// One real training step; the learning rate is the largest update Adam should make at an old or a new weight.
ParamStore<float> one_step(const Model& m, float rate) {
  Cpu cpu(1);
  Model copy = m;
  backward(cpu, copy, 77);
  AdamW{.decay = 0}.update(cpu, copy.student, rate);
  return copy.student;
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

TEST_CASE("WIDEN by copies keeps the function in both modes, with noise and without, inside and at the end") {
  const Model m = small_model();
  for (const float noise : {0.f, 0.1f, 0.5f})
    for (const Index stage : {Index{0}, Index{1}})
      for (const Index channels : {Index{6}, Index{11}}) {
        Rng rng(static_cast<std::uint64_t>(channels));
        const WidenNet2Wider mutation{.noise = noise};
        obeys_mutation_law(m, mutation, mutation.settle(m.net, {stage, channels, {}, 0}, {}, rng));
      }
}

TEST_CASE("WIDEN by gradient keeps the function in both modes, with fewer filters than channels too") {
  const Model m = small_model();
  std::vector<float> filters(to_size(9 * 5 * 2));
  Rng rng(3);
  for (float& f : filters) f = rng.normal();
  obeys_mutation_law(m, WidenGradMax{}, {1, 7, filters});
  obeys_mutation_law(m, WidenGradMax{}, {1, 9, filters});
  const Model after =
      obeys_mutation_law(m, WidenGradMax{}, {0, 8, std::vector<float>(filters.begin(), filters.begin() + 18)});
  const auto w = after.student.values(after.student.at("net/0/0/#0/0/0/weight"));
  for (std::size_t p = 0; p < 9; ++p)
    for (std::size_t c = 0; c < 2; ++c) CHECK(w[p * 8 + 5 + c] == filters[p * 2 + c]);
  CHECK(w[7] != 0);
}

TEST_CASE("ADD_STAGE keeps every old entry but what the heads read, which starts anew") {
  const Model m = small_model();
  Rng rng(1);
  const auto edit = AddStage{.min_side = 1}.propose(m.net, {.image = {1, 12, 12, 1}}, rng);
  REQUIRE(edit);
  CHECK(*edit == AddStage::Edit{2, 5, 2, 5});  // 3 x 3 becomes 1 x 1
  const Model after = obeys_mutation_law(m, AddStage{}, *edit);
  CHECK(describe(backbone(after.net)) == "5+1 > 5 > 5");
  const auto& entry = after.student.at("net/1/warm/0/weight");
  CHECK(entry.desc.shape == Shape{5, 5});
  CHECK(entry.step == 0);
  for (Index i = 0; i < entry.count(); ++i) CHECK(after.student.moment[0][entry.offset + i] == 0.f);
  CHECK(after.student.at("net/1/warm/0/bias").step == m.student.at("net/1/warm/0/bias").step);
  const auto trained = one_step(after, 0.01f);
  const auto& fresh = after.student.at("net/0/0/#2/0/0/weight");
  for (Index i = 0; i < fresh.count(); ++i)
    CHECK(trained.value[fresh.offset + i] != after.student.value[fresh.offset + i]);
}

TEST_CASE("Copies in a wider stage are told apart by one step of training, and not without noise") {
  const Model m = small_model();
  for (const float noise : {0.f, 0.2f}) {
    Model wide = m;
    mutate(wide, WidenNet2Wider{.noise = noise}, {0, 7, {2, 2}, 5}, Rng(1));
    const auto w = wide.student.values(wide.student.at("net/0/0/#0/0/0/weight"));
    for (std::size_t p = 0; p < 9; ++p) CHECK((w[p * 7 + 5] == w[p * 7 + 2] && w[p * 7 + 6] == w[p * 7 + 2]));
    Cpu cpu(1);
    backward(cpu, wide, 77);
    const auto g = wide.student.gradient(wide.student.at("net/0/0/#0/0/0/weight"));
    float apart = 0, size = 0;
    for (std::size_t p = 0; p < 9; ++p) {
      apart = std::max(apart, std::abs(g[p * 7 + 5] - g[p * 7 + 6]));
      size = std::max(size, std::abs(g[p * 7 + 5]));
    }
    CHECK((noise > 0 ? apart > 0.01f * size : apart <= 1e-4f * size));
  }
}

TEST_CASE("What reads n copies shares the old weight among them, and moments are copied") {
  const Model before = small_model();
  Model after = before;
  mutate(after, WidenNet2Wider{.noise = 0.3f}, {0, 8, {1, 4, 1}, 9}, Rng(2));
  const auto& old = before.student.at("net/0/0/#1/0/0/weight");  // (3, 3, 5, 5) becomes (3, 3, 8, 5)
  const auto& now = after.student.at("net/0/0/#1/0/0/weight");
  CHECK(now.cohort.empty());
  CHECK(now.step == old.step);
  for (Index tap = 0; tap < 9; ++tap)
    for (Index o = 0; o < 5; ++o) {
      const auto was = [&](Index c) { return before.student.value[old.offset + (tap * 5 + c) * 5 + o]; };
      const auto is = [&](Index c) { return after.student.value[now.offset + (tap * 8 + c) * 5 + o]; };
      CHECK(is(0) == was(0));
      CHECK(is(4) + is(6) == Approx(was(4)).margin(1e-6));
      CHECK(is(1) + is(5) + is(7) == Approx(was(1)).margin(1e-6));
      CHECK(is(1) != is(5));
      CHECK(after.student.moment[1][now.offset + (tap * 8 + 7) * 5 + o] ==
            before.student.moment[1][old.offset + (tap * 5 + 1) * 5 + o]);
    }
  // The teacher's weights are shared in the same proportions.
  const auto ratio = [&](const ParamStore<float>& a, const ParamStore<float>& b) {
    return a.value[now.offset + 7 * 5] / b.value[old.offset + 1 * 5];
  };
  CHECK(ratio(after.student, before.student) == Approx(ratio(after.teacher, before.teacher)).epsilon(1e-4));
}

TEST_CASE("Edits that do not fit the stage are refused") {
  const Model m = small_model();
  const auto make = [&](const auto& mutation, const auto& edit) {
    Model copy = m;
    mutate(copy, mutation, edit, Rng(1));
  };
  CHECK_THROWS_AS(make(WidenNet2Wider{}, WidenNet2Wider::Edit{0, 7, {1}, 0}), Error);
  CHECK_THROWS_AS(make(WidenNet2Wider{}, WidenNet2Wider::Edit{0, 7, {1, 5}, 0}), Error);
  CHECK_THROWS_AS(make(WidenGradMax{}, WidenGradMax::Edit{1, 7, std::vector<float>(44)}), Error);
  CHECK_THROWS_AS(make(WidenGradMax{}, WidenGradMax::Edit{1, 7, std::vector<float>(45 * 3)}), Error);
  CHECK_THROWS_AS(make(AddStage{}, AddStage::Edit{1, 5, 2, 5}), Error);
  CHECK_THROWS_AS(make(Widen{}, Widen::Edit{2, 9}), Error);
  CHECK_THROWS_AS(make(Widen{}, Widen::Edit{0, 5}), Error);
  CHECK_THROWS_AS(make(Grow{}, Grow::Edit{2}), Error);
}

TEST_CASE("Mutations follow each other: grow, widen, widen again, grow") {
  Model m = small_model();
  m = obeys_mutation_law(m, Grow{}, {1});
  m = obeys_mutation_law(m, Widen{}, {1, 8});
  m = obeys_mutation_law(m, Widen{}, {1, 12});
  m = obeys_mutation_law(m, Widen{}, {0, 9});
  m = obeys_mutation_law(m, Grow{}, {0});
  m = obeys_mutation_law(m, WidenNet2Wider{}, {0, 11, {8, 8}, 1});
  m = obeys_mutation_law(m, AddStage{}, {2, 12, 2, 12});
  m = obeys_mutation_law(m, WidenNet2Wider{}, {2, 14, {3, 11}, 1});
  m = obeys_mutation_law(m, Grow{}, {2});
  CHECK(describe(backbone(m.net)) == "11+2 > 12+1 > 14+1");
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
  CHECK_THROWS_AS(EmaTeacher{}.update(cpu, m.student, teacher, {}), Error);
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

}  // namespace mutations_test
