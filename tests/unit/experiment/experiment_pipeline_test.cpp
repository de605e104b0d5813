#include "sseg/experiment/experiment_pipeline.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace experiment_pipeline_test {

using namespace sseg;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

std::string refusal(const std::string& text) {
  return message_of([&] { parse_pipeline(text, "p.json"); });
}

}  // namespace

TEST_CASE("the pipeline of the framework's description loads as it is") {
  const ExperimentPipeline p = parse_pipeline(R"({
  "stages": {
    "generate_curriculum": false,
    "train": true,
    "evaluate": true,
    "ablation": true,
    "analyze": true,
    "export": true
  }
}
)",
                                              "configs_experiments_exp_full_pipeline.json");
  CHECK(p.on == std::vector<std::string>{"train", "evaluate", "ablation", "analyze", "export"});
  CHECK(p.config == demo_config());
  CHECK(p.settings.output_dir == "outputs/full_pipeline");
  REQUIRE(p.ablation.has_value());
  CHECK(p.ablation->variants.size() == 5);
}

TEST_CASE("a pipeline names experiments beside it, and overrides go over them in order") {
  const sseg_test::TempFolder folder;
  folder.add("exp.yaml", "preset: curriculum\ntrain: {steps: 9}\nablation: {seeds: [5]}\n");
  folder.add("abl.yaml", "preset: demo\nablation: {seeds: [6, 7], baselines: [untrained]}\n");
  const std::string text = R"({"stages": {"export": true, "generate_curriculum": true, "ablation": true},
    "config": "exp.yaml", "output_dir": "out", "overrides": ["train.batch=32", "train.probe_every=5"]})";
  folder.add("p.json", text);
  const ExperimentPipeline p = load_pipeline(folder / "p.json", {"train.batch=16"});
  CHECK(p.on == std::vector<std::string>{"generate_curriculum", "ablation", "export"});
  CHECK(p.config.train.steps == 9);
  CHECK(p.config.train.batch == 16);
  CHECK(p.config.train.probe_every == 5);
  CHECK(p.config.data.path.empty());
  CHECK(p.training().data.path == "out/curriculum");
  CHECK(p.ablation->settings.seeds == std::vector<std::uint64_t>{5});
  CHECK(p.ablation->base == p.config);

  folder.add("q.yaml", "stages: {ablation: on}\nconfig: exp.yaml\nablation: abl.yaml\noverrides: [train.steps=3]\n");
  const ExperimentPipeline q = load_pipeline(folder / "q.yaml");
  CHECK(q.ablation->settings.seeds == std::vector<std::uint64_t>{6, 7});
  CHECK(q.ablation->base.data.source == "shapes");
  CHECK(q.ablation->base.train.steps == 3);
  CHECK(q.training().data.path.empty());
}

TEST_CASE("what makes no sense in a pipeline is told with its line") {
  CHECK_THAT(refusal("{\"stages\": {\n\"trian\": true}}"),
             Contains("stages: no field 'trian'") && Contains("p.json:2:1") && Contains("did you mean 'train'?"));
  CHECK_THAT(refusal("{\"stages\": {\"train\": 3}}"), Contains("stages.train: '3' is not true or false"));
  CHECK_THAT(refusal("{\"stages\": [\"train\"]}"), Contains("found a list instead of a group of settings"));
  CHECK_THAT(refusal("{\"stages\": {}, \"configg\": 1}"), Contains("did you mean 'config'?"));
  CHECK_THAT(refusal("{\"stages\": {}, \"jobs\": 0}"), Contains("0 processes") && Contains("p.json: jobs"));
  CHECK_THAT(refusal("{\"stages\": {}, \"jobs\": 1025}"), Contains("1025 processes"));
  CHECK_THAT(refusal("{\"stages\": {}, \"jobs\": \"two\"}"), Contains("p.json:1:"));
  CHECK_THAT(refusal("{\"stages\": {}, \"map\": \"umap\"}"), Contains("'umap'") && Contains("give pca, or tsne"));
  CHECK_THAT(refusal("{}"), Contains("the pipeline has no stages"));
  CHECK_THAT(refusal("[]"), Contains("this is no pipeline"));
  CHECK_THAT(refusal("{\"stages\": {}, \"config\": \"no.yaml\"}"), Contains("no.yaml"));
  CHECK_THAT(refusal("{\"stages\": {}, \"overrides\": [\"train.stepz=3\"]}"), Contains("no setting 'stepz'"));
  CHECK_THAT(refusal("{\"stages\": {\"generate_curriculum\": true}}"), Contains("trains on other pictures"));
  CHECK_THAT(message_of([] { load_pipeline("no/such.json"); }), Contains("no/such.json"));
  CHECK_THAT(refusal(R"({"stages": {"train": true}, "overrides": ["train.steps=0"]})"),
             Contains("the training sizes make no sense"));
  const sseg_test::TempFolder folder;
  folder.add("exp.yaml", "preset: curriculum\ndata: {path: pictures}\n");
  folder.add("p.json", R"({"stages": {"generate_curriculum": true}, "config": "exp.yaml"})");
  CHECK_THAT(message_of([&] { load_pipeline(folder / "p.json"); }), Contains("trains on other pictures"));
}

TEST_CASE("a stage that is named without a value stays off, and without its stage an ablation is not read") {
  CHECK(parse_pipeline("stages: {train: , evaluate: on}", "p.yaml").on == std::vector<std::string>{"evaluate"});
  const ExperimentPipeline p = parse_pipeline("stages: {train: on}\nablation: no_such_file.yaml", "p.yaml");
  CHECK_FALSE(p.ablation.has_value());
}

}  // namespace experiment_pipeline_test
