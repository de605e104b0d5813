#include "sseg/experiment/tasks.hpp"

#include "sseg/experiment/recipe.hpp"
#include "support/catch.hpp"

namespace tasks_test {

using namespace sseg;

namespace {

template <class F>
std::vector<std::string> tasks_on(F&& change) {
  SslConfig c;
  change(c);
  check_ssl(c);
  const auto heads = main_heads(c, 10);
  std::vector<std::string> on;
  heads.each_on([&](auto i, const auto&) { on.emplace_back(heads.names()[i]); });
  return on;
}
template <class F>
bool refused(F&& change, const char* where) {
  SslConfig c;
  change(c);
  try {
    check_ssl(c);
  } catch (const Error& e) {
    return std::string(e.what()).find(where) != std::string::npos;
  }
  return false;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("A configuration switches and weights every task") {
  CHECK(tasks_on([](SslConfig&) {}) == Names{"nt_xent"});
  CHECK(tasks_on([](SslConfig& c) { c.contrastive.weight = 0, c.dino.weight = 1; }) == Names{"dino"});
  CHECK(tasks_on([](SslConfig& c) { c.distillation.weight = 1; }) == Names{"nt_xent", "distill_cosine"});
  CHECK(tasks_on([](SslConfig& c) { c.distillation = {.weight = 1, .kind = "mse"}; }) ==
        Names{"nt_xent", "distill_mse"});
  CHECK(tasks_on([](SslConfig& c) { c.distillation = {.weight = 1, .kind = "kl"}; }) == Names{"nt_xent", "distill_kl"});
  CHECK(tasks_on([](SslConfig& c) { c.rotation.enabled = true, c.proto_clr.weight = 2; }) ==
        Names{"nt_xent", "rotation", "proto_clr"});

  SslConfig c;
  c.contrastive = {.weight = 0.25f, .temperature = 0.3f};
  c.dino.weight = 2;
  c.dino.teacher_temperature = 0.06f;
  const MainObjective objective = main_objective(c);
  CHECK(std::get<0>(objective.terms).weight({}) == 0.25f);
  CHECK(std::get<0>(objective.terms).loss.temperature == 0.3f);
  CHECK(std::get<1>(objective.terms).loss.teacher_temperature == 0.06f);
  CHECK(objective.needs_teacher({}));
  CHECK_FALSE(main_objective(SslConfig{}).needs_teacher({}));
}

TEST_CASE("Every setting of a task reaches its loss or its head") {
  SslConfig c;
  c.contrastive = {.weight = 1, .final_weight = 3, .temperature = 0.3f};
  c.dino = {.weight = 2,
            .hidden = 5,
            .bottleneck = 4,
            .prototypes = 9,
            .student_temperature = 0.2f,
            .teacher_temperature = 0.06f,
            .warmup_teacher_temperature = 0.05f,
            .warmup_share = 0.7f,
            .center_momentum = 0.8f,
            .frozen_steps = 11};
  c.distillation = {.weight = 4, .kind = "kl", .temperature = 0.4f};
  c.rotation = {.enabled = true, .weight = 6};
  c.proto_clr = {.weight = 5, .temperature = 3};
  c.projector = {.hidden = 7, .out = 3};
  const MainObjective objective = main_objective(c);
  const auto& [contrastive, dino, mse, cosine, kl, rotation, proto] = objective.terms;
  CHECK(contrastive.weight == Ramp{1, 3});
  CHECK(contrastive.loss == NtXent{.temperature = 0.3f});
  CHECK(dino.loss == Dino{.student_temperature = 0.2f,
                          .teacher_temperature = 0.06f,
                          .warmup_teacher_temperature = 0.05f,
                          .warmup_share = 0.7f,
                          .center_momentum = 0.8f});
  CHECK(dino.frozen_steps == 11);
  CHECK(dino.weight == Ramp{2, 2});
  CHECK(kl.loss.divergence.temperature == 0.4f);
  CHECK(kl.weight == Ramp{4, 4});
  CHECK(rotation.weight == Ramp{6, 6});
  CHECK(proto.loss == ProtoClr{3});
  CHECK(proto.weight == Ramp{5, 5});

  const auto heads = main_heads(c, 10);
  CHECK(std::get<0>(heads.heads) == projection_head(10, 7, 3));
  CHECK(std::get<1>(heads.heads) == dino_head(10, 5, 4, 9));
  CHECK(std::get<5>(heads.heads) == rotation_head(10));
  c.rotation.enabled = false;
  CHECK_FALSE(std::get<5>(main_objective(c).terms).on);
}

TEST_CASE("Views are made for the tasks that look at them") {
  SslConfig c;
  CHECK(main_views(c) == ViewCounts{});
  c.rotation.copies = 2;  // of tasks that are off
  c.dino.local_crops = 4;
  c.proto_clr.queries = 3;
  CHECK(main_views(c) == ViewCounts{});
  c.proto_clr = {.weight = 1, .clean = false};
  CHECK_FALSE(main_views(c).clean_first);
  c.dino = {.weight = 1, .local_crops = 4};
  c.rotation = {.enabled = true, .copies = 2};
  c.proto_clr = {.weight = 1, .queries = 3, .clean = true};
  CHECK(main_views(c) == ViewCounts{.global = 4, .local = 4, .rotated = 2, .clean_first = true});
}

TEST_CASE("Global views and local crops have the size the net reads") {
  for (const char* source : {"shapes", "omniglot", "cifar_fs"}) {
    RunConfig c;
    c.data.source = source;
    c.data.image_size = 20;
    c.data.oversample = 2;
    CHECK(main_augment(c).out_shape({40, 40, 1}) == Shape{20, 20, 1});
    CHECK(main_crop(c).out_shape({40, 40, 1}) == Shape{20, 20, 1});
    CHECK(main_frame(c).out_shape({40, 40, 1}) == Shape{20, 20, 1});
  }
}

TEST_CASE("Settings that make no sense are refused by name") {
  CHECK(refused([](SslConfig& c) { c.contrastive.weight = 0; }, "ssl"));
  CHECK(refused([](SslConfig& c) { c.dino.weight = -1; }, "ssl"));
  CHECK(refused([](SslConfig& c) { c.contrastive.temperature = 0; }, "ssl.contrastive.temperature"));
  CHECK(refused([](SslConfig& c) { c.distillation.kind = "l1"; }, "ssl.distillation.kind"));
  CHECK(refused([](SslConfig& c) { c.distillation.ema_decay = 1; }, "ssl.distillation.ema_decay"));
  CHECK(refused([](SslConfig& c) { c.dino.prototypes = 1; }, "ssl.dino"));
  CHECK(refused([](SslConfig& c) { c.dino.local_scale_min = 0.9f; }, "ssl.dino"));
  CHECK(refused([](SslConfig& c) { c.dino.center_momentum = 1; }, "ssl.dino"));
  CHECK(refused([](SslConfig& c) { c.rotation.copies = 5; }, "ssl.rotation.copies"));
  CHECK(refused([](SslConfig& c) { c.proto_clr.queries = 0; }, "ssl.proto_clr"));
  CHECK(refused([](SslConfig& c) { c.projector.out = 0; }, "ssl.projector"));
}

}  // namespace tasks_test
