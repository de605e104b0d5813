#include "sseg/experiment/curriculum_attack.hpp"

#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/curriculum_folder.hpp"
#include "sseg/experiment/net_difficulty.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/away.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace curriculum_attack_test {

using namespace sseg;
using sseg_test::TempFolder;

namespace {

const SyntheticCurriculum small{{.count = 40, .side = 12, .shapes = 3, .textures = 2}};
constexpr FeatureAttackConfig config{.epsilon = 8.f / 255, .step_size = 2.f / 255, .steps = 6};
const Shape shape{12, 12, 3};

auto net() { return SeedNetwork{.initial_channels = 6, .num_blocks = 1}.build(shape); }
ParamStore<float> weights(std::uint64_t seed = 4) { return make_store<float>(net(), 0, Rng(seed)); }

}  // namespace

TEST_CASE("an attack is the same where the net's tensors lie away from the host") {
  Buffer<float> here(3 * shape.count());
  Rng rng(2);
  for (float& v : here) v = rng.uniform(0.f, 1.f);
  Buffer<float> there = here;
  const auto attacked = [&](auto&& backend, Buffer<float>& x) {
    CurriculumAttack attack(backend, net(), weights(), config, Rng(7), "abc");
    const auto done = attack(5, View<float>{x.data(), {3, 12, 12, 3}});
    return std::pair{done.back().feature_shift, attack.mean_random_shift()};
  };
  CHECK(attacked(Cpu(2), here) == attacked(Away<Cpu>(2), there));
  CHECK(here == there);
}

TEST_CASE("level 4 is written perturbed against a net, and nothing else is") {
  const TempFolder temp;
  Cpu cpu(2);
  CurriculumAttack attack(cpu, net(), weights(), config, Rng(7), "abc");
  const auto plain_difficulty = write_curriculum(cpu.threads(), small, temp / "plain");
  const auto difficulty = write_curriculum(cpu.threads(), small, temp / "attacked", std::ref(attack));
  for (std::size_t l = 0; l < 3; ++l) CHECK(difficulty[l] == plain_difficulty[l]);

  const ByteImages plain = load_curriculum(cpu.threads(), temp / "plain");
  const ByteImages attacked = load_curriculum(cpu.threads(), temp / "attacked");
  Index changed = 0;
  for (Index i = 0; i < plain.pixels.size(); ++i) {
    const Index by = std::abs(Index{attacked.pixels[i]} - Index{plain.pixels[i]});
    REQUIRE(by <= (i < 3 * plain.pixels.size() / 4 ? 0 : 8));
    changed += by > 0;
  }
  CHECK(changed > plain.pixels.size() / 8);
  CHECK(attack.mean_shift() > 4 * attack.mean_random_shift());
  CHECK(attack.mean_random_shift() > 0);

  const CsvTable manifest(read_file(temp / "attacked" / "manifest.csv", 1 << 20), "manifest");
  const auto cell = [&](Index row, const char* name) { return manifest.cell(row, manifest.column(name)); };
  CHECK((cell(119, "attack_net").empty() && cell(119, "attack_steps") == "0"));
  CHECK((cell(120, "attack_net") == "abc" && cell(120, "attack_steps") == "6"));
  CHECK(from_text_value<float>(cell(120, "attack_epsilon")) == config.epsilon);
  double sum = 0;
  for (Index row = 120; row < 160; ++row)
    sum += static_cast<double>(*from_text_value<float>(cell(row, "feature_shift")));
  CHECK(sum / 40 == Approx(attack.mean_shift()));
}

TEST_CASE("rounding to bytes does not pass an epsilon between two of them") {
  const TempFolder temp;
  Cpu cpu(1);
  CurriculumAttack attack(cpu, net(), weights(), {.epsilon = .03f, .step_size = .0078f, .steps = 6}, Rng(7), "abc");
  write_curriculum(cpu.threads(), small, temp / "plain");
  write_curriculum(cpu.threads(), small, temp / "attacked", std::ref(attack));
  const auto plain = load_curriculum(cpu.threads(), temp / "plain").pixels;
  const auto attacked = load_curriculum(cpu.threads(), temp / "attacked").pixels;
  Index most = 0;  // 0.03 is 7.65 / 255
  for (Index i = 0; i < plain.size(); ++i) most = std::max(most, std::abs(Index{attacked[i]} - Index{plain[i]}));
  CHECK(most == 7);
}

TEST_CASE("the shift that is told is that of the features of the written pictures") {
  const TempFolder temp;
  Cpu cpu(1);
  CurriculumAttack attack(cpu, net(), weights(), config, Rng(7), "abc");
  write_curriculum(cpu.threads(), small, temp / "plain");
  write_curriculum(cpu.threads(), small, temp / "attacked", std::ref(attack));
  const auto features = [&](const char* folder) {
    return Embedder(cpu).embed(net(), weights(), load_curriculum(cpu.threads(), temp / folder));
  };
  const Features before = features("plain"), after = features("attacked");
  double sum = 0;
  for (Index i = 120; i < 160; ++i) {
    double aa = 0, bb = 0, ab = 0;
    for (Index j = 0; j < before.dim; ++j) {
      const auto a = static_cast<double>(before.row(i).data[j]), b = static_cast<double>(after.row(i).data[j]);
      aa += a * a, bb += b * b, ab += a * b;
    }
    sum += 1 - ab / std::sqrt(aa * bb);
  }
  CHECK(attack.mean_shift() == Approx(sum / 40).margin(1e-6));
}

TEST_CASE("an attack gives the same folder on any number of threads, and another for another net") {
  const TempFolder temp;
  const auto write = [&](int threads, std::uint64_t seed, const char* folder) {
    Cpu cpu(threads);
    CurriculumAttack attack(cpu, net(), weights(seed), config, Rng(7), "abc");
    write_curriculum(cpu.threads(), small, temp / folder, std::ref(attack));
    return load_curriculum(cpu.threads(), temp / folder).pixels;
  };
  const auto one = write(1, 4, "one");
  CHECK(one == write(3, 4, "three"));
  CHECK_FALSE(one == write(1, 5, "other"));
}

TEST_CASE("a net's difficulty of each level is the mean of its pictures' losses") {
  const TempFolder temp;
  Cpu cpu(2);
  write_curriculum(cpu.threads(), small, temp / "plain");
  const ByteImages set = load_curriculum(cpu.threads(), temp / "plain");
  const auto found = net_difficulty(cpu, net(), weights(), set);
  CHECK(found[0].guess == Approx(std::log(3)));
  CHECK(found[1].guess == Approx(std::log(2)));
  const Features all = Embedder(cpu).embed(net(), weights(), set);
  for (Index l = 0; l < 4; ++l) {
    const auto loss = loss_difficulty({all.rows.data() + l * 40 * all.dim, {40, all.dim}},
                                      std::span(set.label).subspan(to_size(l * 40), 40));
    double sum = 0;
    for (const double one : loss) sum += one;
    CHECK(found[to_size(l)].mean == Approx(sum / 40));
  }
}

TEST_CASE("an attack that makes no sense is refused") {
  Cpu cpu(1);
  CHECK_THAT(sseg_test::message_of([&] { CurriculumAttack(cpu, net(), weights(), {.epsilon = 2}, Rng(1), "abc"); }),
             sseg_test::Contains("sizes of the attack"));
}

}  // namespace curriculum_attack_test
