#include "sseg/experiment/recipe.hpp"

#include <string>

#include "sseg/experiment/augment_settings.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/meta/override.hpp"
#include "support/catch.hpp"
#include "unit/augment/pictures.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace recipe_test {

using namespace sseg;

namespace {

MainRecipe recipe_of(std::initializer_list<const char*> settings) {
  RunConfig c = demo_config();
  for (const char* s : settings) apply_override(c, s);
  check_config(c);
  return main_recipe(c);
}
template <class Trigger>
Trigger trigger_of(std::initializer_list<const char*> settings) {
  return std::get<Trigger>(recipe_of(settings).growth.trigger.chosen);
}
/// Names of the mutations that are on.
std::string mutations_of(std::initializer_list<const char*> settings) {
  std::string names;
  const auto growth = recipe_of(settings).growth;
  std::apply([&](const auto&... m) { ((names += m.on ? std::string(m.name) + " " : ""), ...); }, growth.mutations);
  return names;
}

}  // namespace

TEST_CASE("Settings of the trigger reach it") {
  CHECK(trigger_of<Plateau>({"evolution.growth.trigger.patience=7", "evolution.growth.trigger.max_wait=9",
                             "evolution.growth.trigger.min_gain=0.25"}) ==
        Plateau{.patience = 7, .min_gain = 0.25, .max_wait = 9, .first = 1});
  CHECK(trigger_of<Every>({"evolution.growth.trigger.kind=every", "evolution.growth.trigger.every=4"}) == Every{4});
  CHECK(trigger_of<AtSteps>({"evolution.growth.trigger.kind=at_steps", "evolution.growth.trigger.steps=[20,60]",
                             "train.probe_every=10"}) == AtSteps{.steps = {20, 60}, .probe_every = 10});
  CHECK(trigger_of<Never>({"evolution.growth.trigger.kind=never"}) == Never{});
}

TEST_CASE("Settings switch mutations and size them") {
  CHECK(mutations_of({}) == "grow widen ");
  CHECK(mutations_of({"evolution.growth.mutations.grow=false", "evolution.growth.mutations.widen=net2wider"}) ==
        "widen_net2wider ");
  CHECK(mutations_of({"evolution.growth.mutations.widen=grad_max"}) == "grow widen_grad_max ");
  CHECK(mutations_of({"evolution.growth.mutations.widen=off", "evolution.growth.mutations.add_stage=true"}) ==
        "grow add_stage ");
  const auto growth = recipe_of({"evolution.growth.mutations.widen_factor=2", "evolution.growth.max_channels=70",
                                 "evolution.growth.max_blocks=5", "evolution.growth.mutations.max_stages=3"})
                          .growth;
  const auto& [grow, zero, copies, steepest, stage] = growth.mutations;
  CHECK(grow.mutation.max_blocks == 5);
  CHECK((zero.mutation.factor == 2 && copies.mutation.factor == 2 && steepest.mutation.factor == 2));
  CHECK((zero.mutation.max_channels == 70 && copies.mutation.max_channels == 70));
  CHECK(steepest.mutation.max_channels == 70);
  CHECK(stage.mutation.max_stages == 3);
  CHECK(recipe_of({"evolution.growth.selector.choice=trial", "evolution.growth.selector.budget.max_macs=1000"})
            .growth.selector == MutationSelector{.choice = "trial", .budget = {.max_macs = 1000}});
  CHECK(recipe_of({"evolution.growth.rewarm_steps=17"}).rewarm == Rewarm{17});
}

TEST_CASE("Settings choose the optimizer, its clip and its rate") {
  const auto adamw = recipe_of({"optim.weight_decay=0.5"}).optimizer;
  CHECK(std::get<AdamW>(adamw.inner.chosen) == AdamW{.decay = 0.5f});
  CHECK(adamw.clip.norm == 0);
  const auto sgd = recipe_of({"optim.method=sgd", "optim.momentum=0.5", "optim.nesterov=true", "optim.weight_decay=0.1",
                              "optim.clip=3"})
                       .optimizer;
  CHECK(std::get<Sgd>(sgd.inner.chosen) == Sgd{.momentum = 0.5f, .nesterov = true, .decay = 0.1f});
  CHECK(sgd.clip.norm == 3);
  const auto rate = recipe_of({"optim.rate=0.5", "optim.final_rate=0.25", "optim.warmup_steps=2"}).rate;
  CHECK(rate({0, 100}) == 0.25f);
  CHECK(rate({2, 100}) == 0.5f);
  CHECK(rate({100, 100}) == 0.25f);
}

TEST_CASE("Settings of the teacher reach it") {
  CHECK(recipe_of({"ssl.distillation.ema_decay=0.5"}).teacher == EmaTeacher{.decay = 0.5f});
  const auto t =
      recipe_of({"ssl.distillation.final_ema_decay=1", "ssl.distillation.teacher_statistics=student"}).teacher;
  CHECK(t.final_decay == 1);
  CHECK(t.statistics == EmaTeacher::Statistics::student);
}

TEST_CASE("A task's weight goes from its first to its final value") {
  const auto weight = [](std::initializer_list<const char*> settings, Index step) {
    return std::get<0>(recipe_of(settings).objective.terms).weight({step, 10});
  };
  CHECK(weight({"ssl.contrastive.weight=2"}, 9) == 2);
  CHECK(weight({"ssl.contrastive.weight=2", "ssl.contrastive.final_weight=0"}, 0) == 2);
  CHECK(weight({"ssl.contrastive.weight=2", "ssl.contrastive.final_weight=0"}, 5) == 1);
  CHECK(weight({"ssl.contrastive.weight=2", "ssl.contrastive.final_weight=0"}, 10) == 0);
  CHECK(std::get<1>(recipe_of({"ssl.dino.final_weight=1"}).objective.terms).on);  // from 0 on
  CHECK_FALSE(std::get<1>(recipe_of({"ssl.dino.weight=0", "ssl.dino.final_weight=0"}).objective.terms).on);
}

TEST_CASE("Settings of the pictures reach the views") {
  RunConfig c = demo_config();
  c.data = {.source = "omniglot", .path = {}, .image_size = 20, .oversample = 3, .center = false, .rescale = true};
  c.augment.warp = {.rotate = 0.5f, .scale = 0.25f, .shear = 0.125f, .translate = 2, .elastic = 4};
  c.augment.brightness = {.contrast = 0.5f, .brightness = 0.25f};
  c.augment.erase.probability = 0.75f;
  c.augment.stroke = {.thinner = 0.25f, .thicker = 2, .probability = 0.5f};
  c.ssl.dino.local_scale_min = 0.2f;
  c.ssl.dino.local_scale_max = 0.4f;
  const Frame frame{.side = 20, .center = false, .rescale = true};
  const RandomResizedCrop part{.side = 20, .scale_min = 0.2f, .scale_max = 0.4f};
  const MainRecipe r = main_recipe(c);
  CHECK(r.views.clean == frame);
  CHECK(r.views.global ==
        MainAugment{pipeline(c.augment.warp, c.augment.stroke, c.augment.brightness, c.augment.erase, frame)});
  Frame large = frame;
  large.side = 60;
  CHECK(r.views.local == MainCrop{pipeline(c.augment.warp, c.augment.stroke, c.augment.brightness, large, part)});
  const Warp half{.rotate = 0.25f, .scale = 0.125f, .shear = 0.0625f, .translate = 1, .elastic = 2};
  CHECK(mild_augment(c) ==
        MainAugment{pipeline(half, StrokeWidth{.probability = 0}, Brightness{.contrast = 0, .brightness = 0},
                             Erase{.probability = 0}, frame)});
  c.data.center = true;
  c.data.rescale = false;
  CHECK(main_frame(c) == Frame{.side = 20, .center = true, .rescale = false});
  c.data.source = "shapes";
  c.data.rescale = true;
  CHECK(main_frame(c) == Frame{.side = 20, .center = false, .rescale = false});
}

TEST_CASE("Settings of photographs reach the views") {
  RunConfig c = demo_config();
  c.data.source = "cifar_fs";
  c.data.image_size = 24;
  auto& p = c.augment.photo;
  p.scale_min = 0.25f;
  p.scale_max = 0.75f;
  p.blur.probability = 0.5f;
  p.warp.shear = 0.125f;
  p.warp_probability = 0.25f;
  p.turn.probability = 0.5f;
  p.erase = {.probability = 0.25f, .count = 2};
  c.ssl.dino.local_scale_min = 0.125f;
  c.ssl.dino.local_scale_max = 0.5f;
  const auto photo = [&](float least, float most) {
    return pipeline(RandomGeometry{.crop = {.side = 24, .scale_min = least, .scale_max = most},
                                   .flip = p.flip,
                                   .warp = p.warp,
                                   .warp_probability = 0.25f,
                                   .repeat_edge = true},
                    p.turn, p.jitter, p.gray, p.blur, p.solarize, p.erase);
  };
  CHECK(main_augment(c) == MainAugment{photo(0.25f, 0.75f)});
  CHECK(main_crop(c) == MainCrop{photo(0.125f, 0.5f)});
  CHECK(mild_augment(c) ==
        MainAugment{pipeline(
            RandomGeometry{
                .crop = {.side = 24, .scale_min = 0.625f, .scale_max = 1}, .flip = p.flip, .warp_probability = 0},
            RandomTurn{.probability = 0}, ColorJitter{.probability = 0}, Grayscale{.probability = 0},
            GaussianBlur{.probability = 0}, Solarize{.probability = 0}, EraseBoxes{.probability = 0})});
}

TEST_CASE("A preset of photographs is settings, and the settings are the preset") {
  for (const PhotoViews& views : {presets::small_photos(24), presets::photos(24), presets::curriculum(24)}) {
    RunConfig c = demo_config();
    c.data.source = "cifar_fs";
    c.data.image_size = 24;
    c.augment.photo = photo_settings(views);
    CHECK_NOTHROW(check_augment(c.augment));
    CHECK(main_augment(c) == MainAugment{views});
  }
}

TEST_CASE("Augmentations that are off by default change no picture and no draw of the others") {
  const auto after = [](const auto& augment, const sseg_test::Picture& in, std::uint64_t seed) {
    sseg_test::Picture out(augment.out_shape(in.shape));
    Rng rng(seed);
    augment(rng, in.view(), out.view());
    return std::pair{out, rng.next_u32()};
  };
  RunConfig photo = cifar_fs_config(), drawing = omniglot_config();
  photo.augment.photo.blur.probability = 0.5f;
  drawing.augment.erase.probability = 0.5f;
  drawing.augment.brightness = {};
  const PhotoConfig& p = photo.augment.photo;
  const AugmentConfig& d = drawing.augment;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto colours = sseg_test::random_picture({32, 32, 3}, seed),
               ink = sseg_test::random_picture({104, 104, 1}, seed);
    CHECK(after(main_augment(photo), colours, seed) ==
          after(pipeline(RandomResizedCrop{.side = 32, .scale_min = p.scale_min}, p.flip, p.jitter, p.gray, p.blur,
                         p.solarize),
                colours, seed));
    CHECK(after(main_augment(drawing), ink, seed) ==
          after(pipeline(d.warp, d.brightness, d.erase, main_frame(drawing)), ink, seed));
  }
}

TEST_CASE("Amounts of augmentation that make no sense are refused by the setting's name") {
  const auto refusal = [](const char* setting) { return sseg_test::message_of([&] { recipe_of({setting}); }); };
  CHECK(refusal("augment.stroke.thicker=16").empty());
  CHECK_THAT(refusal("augment.stroke.thicker=17"), sseg_test::Contains("augment.stroke"));
  CHECK_THAT(refusal("augment.stroke.thinner=-1"), sseg_test::Contains("augment.stroke"));
  CHECK_THAT(refusal("augment.photo.warp.scale=3"), sseg_test::Contains("augment.photo.warp"));
  CHECK_THAT(refusal("augment.photo.warp_probability=-1"), sseg_test::Contains("augment.photo.warp"));
  CHECK_THAT(refusal("augment.photo.turn.probability=-1"), sseg_test::Contains("augment.photo"));
  CHECK_THAT(refusal("augment.photo.erase.scale_min=0"), sseg_test::Contains("augment.photo.erase"));
  CHECK_THAT(refusal("augment.photo.erase.count=-1"), sseg_test::Contains("augment.photo.erase"));
  CHECK_THAT(refusal("augment.warp.scale=3"), sseg_test::Contains("augment"));
}

TEST_CASE("Settings of routing, of the collapse monitor and of the gap reach the run") {
  CHECK_FALSE(recipe_of({}).routing.config.has_value());
  const auto r = recipe_of({"seed=7", "nase.enabled=true", "nase.router.keep=0.25", "ssl.collapse.patience=9",
                            "evolution.growth.min_gap=0.125"});
  REQUIRE(r.routing.config.has_value());
  CHECK(r.routing.config->keep == 0.25);
  CHECK(r.routing.seed == 7);
  CHECK(r.collapse == CollapseConfig{.patience = 9});
  CHECK(r.gap == GapGate{0.125});
}

}  // namespace recipe_test
