#include "sseg/experiment/folder_plan.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/fit_to_time.hpp"
#include "sseg/experiment/load_images.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace folder_plan_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::TempFolder;

namespace {

/// A picture of smooth tones, or, `drawing`, of a dark line on light paper; `coloured`: with a red cast.
Picture picture(Index height, Index width, bool coloured, bool drawing, Index seed = 0) {
  Picture p{height, width, coloured ? 3 : 1, {}};
  for (Index y = 0; y < height; ++y)
    for (Index x = 0; x < width; ++x) {
      const Index tone =
          drawing ? (std::abs(x - y - seed % 5) < 2 ? 10 : 250) : 60 + (100 * x / width + 40 * y / height + seed) % 180;
      for (Index c = 0; c < p.channels; ++c) p.bytes.push_back(static_cast<std::uint8_t>(c == 0 ? tone : tone / 2));
    }
  return p;
}
void add_pictures(const TempFolder& folder, Index count, Index height, Index width, bool coloured, bool drawing) {
  for (Index i = 0; i < count; ++i)
    folder.add("pictures/" + std::to_string(1000 + i) + ".png",
               encode_png(picture(height, width, coloured, drawing, i)));
}
std::string all_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}
constexpr FolderFacts photos{.pictures = 5000, .looked_at = 200, .short_side = 300, .coloured = 0.9};

}  // namespace

TEST_CASE("A folder is looked at: sizes, colour, paper and ink, damage") {
  Threads threads(2);
  const TempFolder coloured, drawn;
  add_pictures(coloured, 30, 40, 60, true, false);
  coloured.add("pictures/broken.png", "no picture");
  const FolderFacts a = folder_facts(threads, coloured.path());
  CHECK((a.pictures == 31 && a.looked_at == 31 && a.unreadable == 1 && a.short_side == 40));
  CHECK((a.coloured == 1 && a.two_toned == 0));
  add_pictures(drawn, 40, 50, 50, false, true);
  const FolderFacts b = folder_facts(threads, drawn.path(), 7);
  CHECK((b.pictures == 40 && b.looked_at == 7 && b.unreadable == 0 && b.short_side == 50));
  CHECK((b.coloured == 0 && b.two_toned == 1));
  // Gray pictures in a coloured file are gray.
  const TempFolder gray;
  gray.add("1.png", encode_png(with_channels(picture(20, 20, false, false), 3)));
  CHECK(folder_facts(threads, gray.path()).coloured == 0);

  const TempFolder none;
  none.add("1.png", "broken");
  CHECK_THAT(message_of([&] { folder_facts(threads, none.path()); }), Contains("none of 1 pictures can be read"));
}

TEST_CASE("Settings are chosen by what the pictures are like, each with its reason") {
  const FolderPlan p = plan_folder("photos", photos, {});
  CHECK((p.config.data.source == "folder" && p.config.data.skip_corrupt));
  CHECK((p.config.data.image_size == 64 && p.config.data.channels == 3));
  CHECK(p.config.augment.photo == photo_settings(presets::photos()));
  CHECK((p.config.train.batch == 64 && p.config.data.probe_images == 512));
  CHECK(p.config.evolution.growth.trigger.kind == "plateau");
  const Shape image{64, 64, 3};
  const auto macs = p.config.evolution.seed_network.build(image).macs({1, 64, 64, 3});
  CHECK(p.config.evolution.growth.selector.budget.max_macs == static_cast<Index>(1.25 * static_cast<double>(macs)));
  CHECK_THAT(all_of(p.reasons), Contains("64x64: their shorter side is mostly 300"));
  CHECK_THAT(all_of(p.reasons), Contains("coloured: 90 %"));
  CHECK_THAT(all_of(p.reasons), Contains("by crops and colours: they have colour"));
  CHECK_THAT(all_of(p.reasons), Contains("a quarter more work"));

  FolderFacts drawings{.pictures = 100, .looked_at = 100, .short_side = 50, .coloured = 0.05, .two_toned = 0.8};
  const FolderPlan d = plan_folder("drawings", drawings, {.minutes = 2});
  CHECK((d.config.data.image_size == 48 && d.config.data.channels == 1));
  CHECK((d.config.augment.photo.warp_probability == 1 && d.config.augment.photo.flip.horizontal == 0));
  CHECK((d.config.train.batch == 32 && d.config.data.probe_images == 12));
  CHECK(d.config.evolution.growth.trigger.kind == "never");
  CHECK_THAT(all_of(d.reasons), Contains("by warps: 80 % are paper and ink"));
  CHECK_THAT(all_of(d.reasons), Contains("less than five minutes"));
  drawings.pictures = 64;
  drawings.short_side = 28;
  const FolderPlan small = plan_folder("drawings", drawings, {.image_size = 20, .preset = "photos"});
  CHECK(small.config.data.image_size == 20);
  CHECK(small.config.augment.photo == photo_settings(presets::small_photos()));
  CHECK(small.config.train.batch + small.config.data.probe_images <= 64);
  CHECK_THAT(all_of(small.reasons), Contains("20x20: as asked for"));
  CHECK(plan_folder("drawings", drawings, {}).config.data.image_size == 32);
}

TEST_CASE("Too few pictures and senseless wishes are refused") {
  FolderFacts few = photos;
  few.pictures = 63;
  CHECK_THAT(message_of([&] { plan_folder("few", few, {}); }), Contains("63 pictures are too few"));
  CHECK_THAT(message_of([&] { plan_folder("few", few, {}); }), Contains("at least 64"));
  CHECK_THAT(message_of([] { plan_folder("p", photos, {.preset = "paintings"}); }),
             Contains("photos, drawings or auto"));
  CHECK_THAT(message_of([] { plan_folder("p", photos, {.minutes = 0}); }), Contains("no such time"));
  CHECK_THAT(message_of([] { plan_folder("p", photos, {.image_size = 15}); }), Contains("16 to 512"));
}

TEST_CASE("The length of a run is what fits into the time") {
  RunConfig c = plan_folder("p", photos, {.minutes = 1}).config;
  const RunCosts costs{.step = 0.1, .probe = 0.2, .end = 2};
  fit_to_time(c, costs, 60);
  CHECK(c.train.steps == 500);  // (0.95·60 − 2 − 25·0.2) / 0.1
  CHECK(c.train.probe_every == 20);
  CHECK(c.optim.warmup_steps == 25);
  CHECK(c.time_budget.seconds == 58);  // the statistics come after it
  RunConfig grows = plan_folder("p", photos, {}).config;
  fit_to_time(grows, costs, 60);
  CHECK(grows.train.steps == 380);  // every step as dear as the largest net's
  fit_to_time(c, costs, 9.5);
  CHECK((c.train.steps == 20 && c.train.probe_every == 1 && c.optim.warmup_steps == 1));
  CHECK_THAT(message_of([&] { fit_to_time(c, costs, 9); }), Contains("the time is too short"));
  CHECK_THAT(message_of([&] { fit_to_time(c, {.step = 60}, 30); }), Contains("give at least 43"));
  CHECK_THAT(message_of([&] { fit_to_time(c, {.step = 60}, 630, 600); }), Contains("give at least 53"));
  fit_to_time(grows, {.step = 0.1, .probe = 0.2, .end = 8}, 60);
  CHECK(grows.time_budget.seconds == 50);  // 60 − 1.25·8: the statistics of a net that grew take longer
  check_config(c);
}

TEST_CASE("Settings that are given go over those that are chosen, from the pictures and from the time") {
  const std::vector<std::string> given{"data.channels=1",
                                       "train.batch=24",
                                       "data.probe_images=40",
                                       "augment.photo.flip.horizontal=0.25",
                                       "optim.warmup_steps=3",
                                       "train.probe_every=7",
                                       "time_budget.seconds=5",
                                       "evolution.growth.trigger.kind=every",
                                       "evolution.growth.selector.budget.max_macs=123456"};
  RunConfig c = plan_folder("p", photos, {.minutes = 1, .overrides = given}).config;
  const auto check = [&] {
    CHECK((c.data.channels == 1 && c.train.batch == 24 && c.data.probe_images == 40));
    CHECK(c.augment.photo.flip.horizontal == 0.25f);
    CHECK((c.optim.warmup_steps == 3 && c.train.probe_every == 7 && c.time_budget.seconds == 5));
    CHECK(c.evolution.growth.trigger.kind == "every");
    CHECK(c.evolution.growth.selector.budget.max_macs == 123456);
  };
  check();
  const RunCosts costs{.step = 0.1, .probe = 0.2, .end = 2};
  fit_to_time(c, costs, 60, 0, given);
  check();
  CHECK(c.train.steps == 380);  // (0.95·60 − 1.25·(2 + 25·0.2)) / (1.25·0.1) = 386, whole tens
  fit_to_time(c, costs, 60);
  CHECK((c.train.probe_every == 16 && c.optim.warmup_steps == 19 && c.time_budget.seconds == 58));

  // The limit of growth is that of the seed network that was given.
  const std::vector<std::string> narrow{"evolution.seed_network.initial_channels=4"};
  const RunConfig small = plan_folder("p", photos, {.overrides = narrow}).config;
  const auto macs = small.evolution.seed_network.build({64, 64, 3}).macs({1, 64, 64, 3});
  CHECK(small.evolution.growth.selector.budget.max_macs == static_cast<Index>(1.25 * static_cast<double>(macs)));

  const auto refusal = [](const std::string& given_too) {
    return message_of([&] { plan_folder("p", photos, {.overrides = {given_too}}); });
  };
  CHECK_THAT(refusal("train.steps=9"), Contains("follows from the time") && Contains("give --minutes"));
  CHECK_THAT(refusal("train.stepz=9"), Contains("did you mean 'steps'?"));
  CHECK_THAT(refusal("train.batch=1"), Contains("the training sizes make no sense"));
  CHECK_THAT(message_of([&] { fit_to_time(c, costs, 60, 0, {"optim.rate=-1"}); }), Contains("the optimizer's numbers"));
}

TEST_CASE("A run that was planned is repeated by its configuration, and measuring changes nothing") {
  const TempFolder folder;
  add_pictures(folder, 70, 24, 24, false, false);
  folder.add("pictures/broken.png", "no picture");
  Cpu cpu(2);
  FolderPlan plan = plan_folder(folder.path(), folder_facts(cpu.threads(), folder.path()), {.image_size = 16});
  RunConfig& c = plan.config;
  CHECK(c.data.channels == 1);
  const Index before = c.evolution.growth.selector.budget.max_macs;
  c.evolution.seed_network.initial_channels = 4;
  limit_growth(c);
  const Index seed_macs = c.evolution.seed_network.build({16, 16, 1}).macs({1, 16, 16, 1});
  CHECK(c.evolution.growth.selector.budget.max_macs ==
        static_cast<Index>(FolderPlan::most_growth * static_cast<double>(seed_macs)));
  CHECK(c.evolution.growth.selector.budget.max_macs < before);
  c.evaluation.whitening.images = 20;
  const AnyDataset images = training_data(c);
  CHECK(images.size() == 70);
  const RunCosts costs = measure_costs(cpu, c, images, 0.05);
  CHECK((costs.step > 0 && costs.probe > 0 && costs.end > 0));
  fit_to_time(c, costs, 60);
  CHECK(c.train.steps >= 20);
  c.train.steps = 20;  // enough of it for a test
  const auto run = [&](const std::string& name) {
    const RunFolder runs = RunFolder::create(folder / name, c.name);
    std::FILE* quiet = std::fopen("/dev/null", "w");
    const PretrainResult result = pretrain(cpu, c, images, runs, {false}, std::nullopt, quiet);
    std::fclose(quiet);
    CHECK(result.ending == Ending::last_step);
    CHECK(read_file(runs.config()) == to_yaml(c));
    return load_checkpoint<MainNet>(runs.checkpoint()).state.model.teacher.value;
  };
  const auto first = run("first");
  measure_costs(cpu, c, images, 0.01);  // changes nothing
  CHECK(run("second") == first);
}

}  // namespace folder_plan_test
