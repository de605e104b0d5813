#include "sseg/experiment/config.hpp"

#include <string>

#include "sseg/meta/override.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace config_test {

using sseg::RunConfig;
using sseg_test::Contains;
using sseg_test::message_of;

TEST_CASE("the default configuration makes sense") { CHECK_NOTHROW(sseg::check_config(RunConfig{})); }

TEST_CASE("each bad setting is refused with its name") {
  struct Case {
    const char* assignment;
    const char* setting;
  };
  const Case cases[] = {
      {"backend=tpu", "backend"},
      {"precision=f8", "precision"},
      {"data.source=web", "data.source"},
      {"data.source=", "data.source"},
      {"data.source=omniglot", "data.path"},
      {"data.image_size=7", "data.image_size"},
      {"data.image_size=513", "data.image_size"},
      {"data.image_size=-28", "data.image_size"},
      {"data.probe_images=1", "data.probe_images"},
      {"data.knn_images=1", "data.knn_images"},
      {"data.knn_images=65537", "data.knn_images"},
      {"data.count=0", "data.count"},
      {"data.train_kinds=0", "data.train_kinds"},
      {"data.train_kinds=20", "data.train_kinds"},
      {"evolution.growth.sensitivity_method=magic", "evolution.growth.sensitivity_method"},
      {"evolution.growth.mutations.widen_factor=1", "evolution.growth.mutations.widen_factor"},
      {"evolution.growth.mutations.widen_factor=nan", "evolution.growth.mutations.widen_factor"},
      {"evolution.growth.max_blocks=-1", "evolution.growth"},
      {"evolution.growth.rewarm_steps=-1", "evolution.growth"},
      {"evolution.growth.min_gap=1", "evolution.growth.min_gap"},
      {"evolution.growth.trigger.kind=moon", "evolution.growth.trigger.kind"},
      {"evolution.growth.trigger.kind=at_steps", "evolution.growth.trigger.steps"},
      {"evolution.growth.trigger.patience=0", "evolution.growth.trigger"},
      {"evolution.growth.trigger.every=0", "evolution.growth.trigger"},
      {"evolution.growth.mutations.widen=fast", "evolution.growth.mutations.widen"},
      {"evolution.growth.selector.choice=best", "choice"},
      {"evolution.growth.selector.trial_steps=0", "cost_step, trial_count, trial_steps, fitness.floor"},
      {"ssl.contrastive.weight=-1", "ssl"},
      {"ssl.contrastive.weight=0", "ssl"},
      {"ssl.distillation.final_ema_decay=1.1", "ssl.distillation.final_ema_decay"},
      {"ssl.distillation.teacher_statistics=own", "ssl.distillation.teacher_statistics"},
      {"ssl.contrastive.temperature=0", "ssl.contrastive.temperature"},
      {"ssl.contrastive.temperature=-0.1", "ssl.contrastive.temperature"},
      {"ssl.contrastive.temperature=nan", "ssl.contrastive.temperature"},
      {"ssl.distillation.ema_decay=1", "ssl.distillation.ema_decay"},
      {"ssl.distillation.ema_decay=-0.5", "ssl.distillation.ema_decay"},
      {"ssl.projector.hidden=0", "ssl.projector"},
      {"ssl.projector.out=0", "ssl.projector"},
      {"optim.rate=0", "optim"},
      {"optim.method=lion", "optim.method"},
      {"optim.final_rate=0.1", "optim"},
      {"optim.momentum=1", "optim"},
      {"optim.clip=-1", "optim"},
      {"early_stop.patience=-1", "early_stop, time_budget"},
      {"time_budget.seconds=-1", "early_stop, time_budget"},
      {"optim.weight_decay=-1", "optim"},
      {"optim.warmup_steps=-1", "optim"},
      {"train.steps=0", "train"},
      {"train.batch=1", "train"},
      {"train.probe_every=0", "train"},
      {"train.recalibrate_steps=-1", "train"},
      {"evaluation.episodes=1", "evaluation"},
      {"evaluation.way=1", "evaluation"},
      {"evaluation.query=0", "evaluation"},
      {"evaluation.copies=-1", "evaluation"},
      {"evaluation.copies=1025", "evaluation"},
      {"evaluation.match=worst", "evaluation.match"},
      {"evaluation.match=best", "evaluation.copies"},
      {"evolution.seed_network.unpooled_blocks=3", "evolution.seed_network"},
      {"evolution.seed_network.unpooled_blocks=-1", "evolution.seed_network"},
      {"evaluation.whitening.images=-1", "evaluation.whitening"},
      {"evaluation.whitening.views=1", "evaluation.whitening"},
      {"evaluation.whitening.views=17", "evaluation.whitening"},
      {"evaluation.whitening.shrinkage=0", "evaluation.whitening"},
      {"evolution.seed_network.channel_factor=0", "evolution.seed_network"},
      {"evolution.seed_network.channel_factor=17", "evolution.seed_network"},
  };
  for (const Case& c : cases) {
    INFO(c.assignment);
    RunConfig config;
    sseg::apply_override(config, c.assignment);
    std::string place;
    try {
      sseg::check_config(config);
    } catch (const sseg::Error& error) {
      place = error.where();
    }
    CHECK_THAT(place, Contains(c.setting));
  }
}

TEST_CASE("settings at the edge of what makes sense are taken") {
  for (const char* assignment :
       {"data.image_size=8", "data.image_size=512", "data.probe_images=2", "data.knn_images=2", "data.train_kinds=19",
        "data.count=1", "ssl.distillation.ema_decay=0", "optim.weight_decay=0", "optim.warmup_steps=0", "train.steps=1",
        "train.recalibrate_steps=0", "evaluation.copies=0"}) {
    INFO(assignment);
    RunConfig config;
    sseg::apply_override(config, assignment);
    CHECK_NOTHROW(sseg::check_config(config));
  }
}

TEST_CASE("what only synthetic shapes need is not asked of Omniglot") {
  RunConfig config;
  config.data = {.source = "omniglot", .path = "images.zip", .count = 0, .train_kinds = 0};
  CHECK_NOTHROW(sseg::check_config(config));
}

TEST_CASE("every setting can be reached from the command line") {
  RunConfig config;
  sseg::apply_override(config, "evolution.seed_network.initial_channels=48");
  sseg::apply_override(config, "augment.warp.elastic=0.5");
  sseg::apply_override(config, "train.batch=32");
  CHECK(config.evolution.seed_network.initial_channels == 48);
  CHECK(config.augment.warp.elastic == 0.5f);
  CHECK(config.train.batch == 32);
  CHECK_THAT(message_of([&] { sseg::apply_override(config, "train.bacth=3"); }), Contains("did you mean 'batch'?"));
}

}  // namespace config_test
