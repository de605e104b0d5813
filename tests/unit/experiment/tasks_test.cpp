#include "sseg/experiment/tasks.hpp"

#include "sseg/experiment/recipe.hpp"
#include "support/catch.hpp"

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

TEST_CASE("Views are made for the tasks that look at them") {
  SslConfig c;
  CHECK(main_views(c) == ViewCounts{});
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
