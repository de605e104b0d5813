#include "sseg/experiment/path_study.hpp"

#include <cstdio>
#include <filesystem>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "sseg/train/compact_state.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace path_study_test {

using namespace sseg;

namespace {

RunConfig tiny_config(bool routed) {
  RunConfig c = demo_config();
  c.data.count = 120;
  c.data.image_size = 16;
  c.data.probe_images = 24;
  c.evolution.seed_network.initial_channels = 6;
  c.evolution.growth.trigger.max_wait = 2;
  c.ssl.projector = {.hidden = 16, .out = 8};
  c.train = {.steps = 16, .batch = 8, .probe_every = 6, .recalibrate_steps = 1};
  c.evaluation = {.episodes = 8, .way = 5, .query = 5};
  c.nase.enabled = routed;
  c.nase.router = {.unit = "channel", .keep = 0.5, .start_step = 2, .ramp_steps = 4, .update_every = 2};
  return c;
}

/// A tiny run, its training images and what it learned.
struct Bench {
  RunConfig config;
  Cpu cpu{2};
  AnyDataset training;
  TrainState<MainNet, float> state;

  explicit Bench(bool routed, float negative_weight = 0) : config(tiny_config(routed)) {
    config.nase.router.negative_weight = negative_weight;
    const sseg_test::TempFolder folder;
    const RunFolder run = RunFolder::create(folder.path(), config.name);
    std::FILE* quiet = std::fopen("/dev/null", "w");
    const Images all = training_shapes(config);
    state = pretrain(cpu, config, all, run, std::atomic<bool>{false}, std::nullopt, quiet).state;
    std::fclose(quiet);
    training = hold_out(all, config.data.probe_images, config.train.batch, Rng(config.seed).split("hold out")).train;
  }
  PathStudy<Cpu> study(PathChoices choices = {}) {
    choices.score_batches = choices.recalibrate_batches = 2;
    return {cpu, config, state, training, choices};
  }
};

bool same(const ParamStore<float>& a, const ParamStore<float>& b) { return a.value == b.value && a.state == b.state; }

/// value = θ⊙M or θ⊙(1 − M), each element of a kernel on one path only.
void check_complements(const PathStores& s) {
  Index split = 0;
  for (const PrunableTensor& t : prunable_tensors(s.dense, "net/0/"))
    for (Index i = t.offset; i < t.offset + t.count(); ++i) {
      CHECK(s.positive.value[i] + s.negative.value[i] == s.dense.value[i]);
      CHECK((s.positive.value[i] == 0 || s.negative.value[i] == 0));
      split += s.negative.value[i] != 0;
    }
  CHECK(split > 0);
}

}  // namespace

TEST_CASE("Of a run that did not route, paths are made afterwards") {
  Bench b(false);
  const auto before = b.state.model.student.value, grad = b.state.model.student.grad;
  auto study = b.study({.unit = "weight"});
  const PathStores half = study.masked(0.5), all = study.masked(1);
  CHECK(b.state.model.student.value == before);
  CHECK(b.state.model.student.grad == grad);
  CHECK((half.masks.unit == "weight" && half.masks.scope == "global" && half.masks.criterion == "taylor"));
  CHECK((half.masks.made == "afterwards" && half.masks.statistics == "recalibrated" && half.masks.net == "student"));
  CHECK(half.masks.kept == Approx(0.5).epsilon(0.02));
  CHECK(half.masks.stages.size() == to_size(stages(backbone(b.state.model.net)).size()));
  check_complements(half);

  // What keeps everything is the dense net, to the bit: the nets differ by their masks alone.
  CHECK(same(all.positive, all.dense));
  CHECK(same(all.random.front(), all.dense));
  CHECK(all.dense.value == b.state.model.student.value);
  CHECK_FALSE(all.dense.state == b.state.model.student.state);
  CHECK(same(half.dense, all.dense));
  CHECK_FALSE(half.positive.state == half.negative.state);
}

TEST_CASE("The random control keeps as much as the positive path, elsewhere, and every mask is another") {
  Bench b(false);
  for (const char* unit : {"weight", "channel"}) {
    auto study = b.study({.unit = unit, .random_masks = 2});
    const PathStores s = study.masked(0.5);
    REQUIRE(s.random.size() == 2);
    const auto zeros = [](const ParamStore<float>& store) { return std::ranges::count(store.value, 0.f); };
    if (std::string(unit) == "weight") CHECK(zeros(s.random[0]) == zeros(s.positive));
    CHECK(zeros(s.random[0]) > zeros(s.dense));
    CHECK_FALSE(s.random[0].value == s.random[1].value);
    CHECK_FALSE(s.random[0].value == s.positive.value);
    CHECK_FALSE(s.random[0].state == s.positive.state);
  }
}

TEST_CASE("A study is the same for any number of threads and every time") {
  Bench b(false);
  auto study = b.study();
  const PathStores once = study.masked(0.5), twice = study.masked(0.5);
  Cpu three(3);
  PathStudy<Cpu> other(three, b.config, b.state, b.training, {.score_batches = 2, .recalibrate_batches = 2});
  const PathStores again = other.masked(0.5);
  for (const PathStores* s : {&twice, &again}) {
    CHECK(same(s->dense, once.dense));
    CHECK(same(s->positive, once.positive));
    CHECK(same(s->negative, once.negative));
    CHECK(same(s->random[2], once.random[2]));
  }
}

TEST_CASE("A criterion can be chosen, and whose weights are looked at") {
  Bench b(false);
  auto taylor = b.study(), magnitude = b.study({.criterion = "magnitude"}), teacher = b.study({.net = "teacher"});
  const PathStores t = taylor.masked(0.5), m = magnitude.masked(0.5), a = teacher.masked(0.5);
  CHECK_FALSE(t.positive.value == m.positive.value);
  CHECK(m.masks.criterion == "magnitude");
  CHECK(a.dense.value == b.state.model.teacher.value);
  CHECK(a.masks.net == "teacher");
  check_complements(a);
  CHECK(b.study({.scope = "layer"}).masked(0.5).masks.scope == "layer");
}

TEST_CASE("A run that routed brings its masks and each path's own statistics") {
  Bench b(true);
  REQUIRE(b.state.routing.has_value());
  const Routing<float>& r = *b.state.routing;
  const PathStores s = b.study().own();
  CHECK((s.masks.made == "by the run" && s.masks.statistics == "the run's" && s.masks.unit == "channel"));
  CHECK(s.masks.keep == 0.5);
  CHECK(s.masks.kept == static_cast<double>(r.router.units_kept()) / static_cast<double>(r.router.units()));
  CHECK(same(s.dense, b.state.model.student));
  const Masks& masks = r.router.masks();
  for (Index i = 0; i < s.dense.value.size(); ++i) {
    CHECK(s.positive.value[i] == (masks.on(Path::positive, i) ? s.dense.value[i] : 0));
    CHECK(s.negative.value[i] == (masks.on(Path::negative, i) ? s.dense.value[i] : 0));
  }
  for (const auto& e : s.positive.entries) {  // those of channels that are on the path
    if (e.is_param()) continue;
    const auto& gamma = s.positive.at(e.desc.key.substr(0, e.desc.key.rfind('/')) + "/gamma");
    for (Index c = 0; c < e.count(); ++c)
      if (masks.on(Path::positive, gamma.offset + c))
        CHECK(s.positive.state[e.offset + c] == r.positive.store().state[e.offset + c]);
  }
  CHECK_FALSE(s.positive.state == s.dense.state);
  CHECK_FALSE(s.negative.state == s.dense.state);  // not trained, so recalibrated

  Bench both(true, 0.5f);
  const PathStores t = both.study().own();
  const auto& state = both.state.routing->negative.store().state;
  Index own = 0;
  for (Index i = 0; i < state.size(); ++i) own += t.negative.state[i] == state[i];
  CHECK(own > state.size() / 3);
}

TEST_CASE("New masks of a run that routed use the importance that it gathered") {
  Bench b(true);
  const PathStores s = b.study({.unit = "weight"}).masked(0.6);
  const auto masks =
      route_once(b.state.model.student, b.state.routing->importance, RouterConfig{.unit = "weight"}, 0.6).masks();
  for (Index i = 0; i < s.dense.value.size(); ++i)
    CHECK(s.positive.value[i] == (masks.on(Path::positive, i) ? s.dense.value[i] : 0));
  CHECK(s.masks.made == "afterwards");
}

TEST_CASE("Statistics of a positive path that was never trained are recalibrated, and so are the dense net's") {
  Bench b(true);
  b.state.routing->positive = RoutedStore<float>(Path::positive);
  const PathStores s = b.study().own(), after = b.study().masked(0.5);
  CHECK(s.masks.statistics == "recalibrated");
  CHECK(same(s.dense, after.dense));
}

TEST_CASE("A compact net joins the report of its masks with its cost") {
  Bench b(true);
  const PathStores s = b.study().own();
  const Images images = held_back_shapes(b.config);
  const FewShotRow about{.dataset = "shapes", .split = "held-back", .way = 5, .query = 5, .episodes = 8, .seed = 1};
  PathReport report = path_report(b.cpu, backbone(b.state.model.net), s, images, about);
  const auto small = compact_state(b.state, s.positive);
  add_compact(b.cpu, report, b.state.model.net, s.dense, small.model.net, small.model.teacher, images, about);
  REQUIRE(report.results.size() == 10);
  CHECK(report.results[8].net == "exported");
  for (const std::size_t shot : {0u, 1u}) {
    CHECK(report.results[8 + shot].accuracy == Approx(report.results[2 + shot].accuracy).margin(0.6));
    CHECK(report.differences[6 + shot].points.mean ==
          Approx(report.results[shot].accuracy - report.results[8 + shot].accuracy).margin(1e-9));
  }
  CHECK(report.differences[6].of == "dense - exported");
  REQUIRE(report.costs.size() == 2);
  CHECK(report.costs[0].cost.macs == backbone(b.state.model.net).macs({1, 16, 16, 1}));
  CHECK(report.costs[1].cost.macs < report.costs[0].cost.macs);
  CHECK(report.costs[1].cost.params == backbone(small.model.net).param_count());
  CHECK(report.costs[0].cost.milliseconds > 0);
  CHECK(report.costs[1].widths == describe(backbone(small.model.net)));
}

TEST_CASE("Choices that make no sense are refused by name") {
  Bench b(false), routed(true);
  const auto says = [](const auto& f, const char* part) {
    CHECK_THAT(sseg_test::message_of(f), sseg_test::Contains(part));
  };
  says([&] { b.study().own(); }, "did not route");
  says([&] { routed.study({.net = "teacher"}).own(); }, "belong to its student");
  says([&] { routed.study({.unit = "weight"}).own(); }, "made in another way");
  says([&] { routed.study({.criterion = "magnitude"}).own(); }, "made in another way");
  CHECK(sseg_test::message_of([&] { routed.study({.unit = "channel"}).own(); }).empty());
  says([&] { b.study({.unit = "filter"}); }, "give weight or channel");
  says([&] { b.study({.criterion = "luck"}); }, "'luck'");
  says([&] { b.study({.net = "friend"}); }, "give student or teacher");
  says([&] { b.study({.random_masks = 0}); }, "the control needs a mask");
  says([&] { b.study().masked(0); }, "nase.router.keep");
}

}  // namespace path_study_test
