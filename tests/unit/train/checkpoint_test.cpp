#include "sseg/train/checkpoint.hpp"

#include <cstdint>
#include <filesystem>
#include <limits>

#include "small_run.hpp"
#include "support/catch.hpp"

namespace checkpoint_test {

using namespace small_run;
namespace fs = std::filesystem;

namespace {
/// Stops after so many steps.
struct StopAt {
  Index step;
  std::atomic<bool>& stop;
  void on_step(const StepInfo& s) { stop = s.at.step == step; }
};

class TempFile {
 public:
  explicit TempFile(const std::string& name) : path_(fs::temp_directory_path() / ("sseg_checkpoint_" + name)) {
    fs::remove(path_);
  }
  ~TempFile() { fs::remove(path_); }
  const fs::path& path() const { return path_; }
  std::string bytes() const { return read_file(path_, Index{1} << 30); }
  void write(std::string_view bytes) const { write_file_atomically(path_, bytes); }

 private:
  fs::path path_;
};

std::string error_of(const fs::path& path) {
  try {
    load_checkpoint<Net>(path);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

/// The checkpoint with one piece of metadata or one tensor changed on purpose.
template <class Change>
void rewrite(const TempFile& file, Change&& change) {
  SafeTensors tensors = SafeTensors::load(file.path());
  tensors.metadata.erase("checksum");
  change(tensors);
  tensors.save(file.path());
}
}  // namespace

TEST_CASE("A checkpoint brings back everything, and training goes on with the same bits") {
  const State whole = trained(2);
  State half = start();
  std::atomic<bool> stop{false};
  StopAt stop13{13, stop};  // it must know that 24 are planned: the schedule depends on it
  run(half, 2, config, stop, stop13);
  REQUIRE(half.step == 13);
  REQUIRE(half.history.size() >= 1);

  BaseStatistics base;
  base.mean.assign(to_size(backbone(half.model.net).out_shape({1, 16, 16, 1}).count()), 0.5f);
  const Index channels = feature_channels(backbone(half.model.net));
  for (Index k = 0; k < channels * channels; ++k) base.whitening.push_back(static_cast<float>(k));
  const TempFile file("resume.safetensors");
  save_checkpoint(file.path(), half, image, Json{{"seed", 1}}, base);
  auto loaded = load_checkpoint<Net>(file.path());
  CHECK(same_bits(loaded.state, half));
  CHECK(loaded.image == image);
  CHECK(loaded.config["seed"] == 1);
  CHECK(loaded.base == base);
  stop = false;
  run(loaded.state, 1, config, stop);
  CHECK(same_bits(loaded.state, whole));
}

TEST_CASE("A resumed run goes on with the same sensitivities, whatever their method, also across mutations") {
  const TempFile file("sensitivity.safetensors");
  std::vector<StageScoresRecord> ends;
  for (const char* method : {"taylor", "gradient_norm", "keep_ratio"}) {
    State whole = start(image, method);
    run(whole, 2, config, {false});
    REQUIRE(whole.history.size() >= 2);
    ends.push_back(whole.sensitivity.record());
    for (const Index at : {Index{0}, Index{8}, Index{13}}) {
      INFO(method << " at " << at);
      State half = start(image, method);
      std::atomic<bool> stop{at == 0};
      StopAt stopper{at, stop};
      run(half, 2, config, stop, stopper);
      REQUIRE(half.step == at);
      save_checkpoint(file.path(), half, image, Json::object());
      State rest = load_checkpoint<Net>(file.path()).state;
      CHECK(rest.sensitivity.method() == method);
      CHECK(rest.sensitivity.record() == half.sensitivity.record());
      run(rest, 1, config, {false});
      CHECK(same_bits(rest, whole));
    }
  }
  CHECK((ends[0] != ends[1] && ends[1] != ends[2]));
}

TEST_CASE("A resumed run warns of a collapse, stops and tells mean losses as one that was never stopped") {
  struct Listener {
    std::vector<Index> warned;
    std::vector<double> losses;
    void on_collapse(const CollapseReport& r) { warned.push_back(r.step); }
    void on_probe(const ProbeInfo& p) { losses.push_back(p.loss); }
  };
  const TempFile file("collapse.safetensors");
  SmallRecipe r = recipe();
  for (const bool ends : {false, true}) {
    // Looks at 0, 2, 4 … all say constant, stricter than any net could be; the fifth, at 8, confirms it.
    r.collapse = {.every = 2, .min_std = 0.99, .patience = 5, .stop = ends};
    Listener whole_heard;
    State whole = start();
    run_recipe(r, whole, 2, config, {false}, whole_heard);
    REQUIRE(whole.step == (ends ? 9 : config.steps));
    REQUIRE(whole_heard.warned == std::vector<Index>{8});
    for (const Index at : {Index{3}, Index{7}, Index{9}}) {
      INFO("stopped at " << at << (ends ? ", ends" : ""));
      Listener heard;
      State half = start();
      std::atomic<bool> stop{false};
      StopAt stopper{at, stop};
      run_recipe(r, half, 2, config, stop, stopper, heard);
      save_checkpoint(file.path(), half, image, Json::object());
      State rest = load_checkpoint<Net>(file.path()).state;
      CHECK(rest.collapse == half.collapse);
      run_recipe(r, rest, 1, config, {false}, heard);
      CHECK(same_bits(rest, whole));
      CHECK(heard.warned == whole_heard.warned);
      CHECK(heard.losses == whole_heard.losses);
    }
  }
}

TEST_CASE("Sensitivities of a net that was mutated by hand since are saved as they belong to the new net") {
  State s = trained(2);
  Rng rng(1);
  const Widen widen;
  mutate(s.model, widen, *widen.propose(s.model.net, {}, rng), Rng(2));
  const TempFile file("by_hand.safetensors");
  save_checkpoint(file.path(), s, image, Json::object());
  State loaded = load_checkpoint<Net>(file.path()).state;
  s.sensitivity.align(s.model.net);
  CHECK(loaded.sensitivity.record() == s.sensitivity.record());
  s.sensitivity = SensitivityMeter("keep_ratio", 0.5);
  save_checkpoint(file.path(), s, image, Json::object());
  CHECK(load_checkpoint<Net>(file.path()).state.sensitivity.momentum() == 0.5);
}

TEST_CASE("The same seed writes the same file for 1 and 2 threads") {
  const TempFile one("one.safetensors"), two("two.safetensors");
  save_checkpoint(one.path(), trained(1), image, Json::object());
  save_checkpoint(two.path(), trained(2), image, Json::object());
  CHECK(one.bytes() == two.bytes());
}

TEST_CASE("Convolution weights lie in the file as (out, in, kernel, kernel)") {
  const State s = start();
  const TempFile file("layout.safetensors");
  save_checkpoint(file.path(), s, image, Json::object());
  const SafeTensors t = SafeTensors::load(file.path());
  const std::string key = "net/0/0/#1/0/0/weight";
  CHECK(t.at("student/" + key).shape == std::vector<Index>{6, 6, 3, 3});
  const auto values = t.values<float>("student/" + key);
  const auto memory = s.model.student.values(s.model.student.at(key));
  for (Index o = 0; o < 6; ++o)
    for (Index c = 0; c < 6; ++c)
      for (Index tap = 0; tap < 9; ++tap)
        CHECK(values[to_size((o * 6 + c) * 9 + tap)] == memory[to_size((tap * 6 + c) * 6 + o)]);
}

TEST_CASE("Wrong and damaged files get an error that names the file and the cure") {
  const TempFile file("bad.safetensors");
  CHECK(error_of(file.path()).find("sseg_checkpoint_bad") != std::string::npos);  // missing

  save_checkpoint(file.path(), trained(2), image, Json::object());
  const std::string good = file.bytes();
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{7}, std::size_t{100}, good.size() / 2, good.size() - 1}) {
    file.write(std::string_view(good).substr(0, length));
    CHECK(error_of(file.path()).find("cure") != std::string::npos);
  }
  file.write("this is text, and no checkpoint at all");
  CHECK(error_of(file.path()) != "");

  const auto damaged = [&](auto&& change, const char* says) {
    file.write(good);
    rewrite(file, change);
    INFO(error_of(file.path()));
    CHECK(error_of(file.path()).find(says) != std::string::npos);
    CHECK(error_of(file.path()).find("sseg_checkpoint_bad") != std::string::npos);
  };
  damaged([](SafeTensors& t) { t.metadata.erase("format"); }, "no sseg checkpoint");
  damaged([](SafeTensors& t) { t.metadata["format"] = "sseg-checkpoint-"; }, "no sseg checkpoint");
  damaged([](SafeTensors& t) { t.metadata["format"] = "sseg-checkpoint-2.5"; }, "no sseg checkpoint");
  damaged([](SafeTensors& t) { t.metadata["format"] = "sseg-checkpoint-1"; }, "train again");
  damaged([](SafeTensors& t) { t.metadata["format"] = "sseg-checkpoint-3"; }, "update sseg");
  damaged([](SafeTensors& t) { t.metadata["checksum"] = "0123456789abcdef"; }, "do not match their checksum");
  damaged([](SafeTensors& t) { t.metadata["note"] = "mine"; }, "unknown entry 'note'");
  damaged([](SafeTensors& t) { t.metadata.erase("genome"); }, "genome");
  damaged([](SafeTensors& t) { t.metadata["genome"] = "{"; }, "JSON");
  const auto record = [](auto&& edit) {
    return [edit](SafeTensors& t) {
      Json r = Json::parse(t.metadata["train"]);
      edit(r);
      t.metadata["train"] = r.dump();
    };
  };
  damaged(record([](Json& r) { r["step"] = -1; }), "counts");
  damaged(record([](Json& r) { r["plateau"]["seen"] = INT64_MAX; }), "counts");
  damaged(record([](Json& r) { r["collapse"]["agreeing"] = -1; }), "counts");
  damaged(record([](Json& r) { r["stop"]["stale"] = -1; }), "counts");
  damaged(record([](Json& r) { r["stop"]["best_step"] = 1000000; }), "counts");
  damaged(record([](Json& r) { r["collapse"]["confirmed"] = "ill"; }), "verdicts");
  damaged(record([](Json& r) { r["history"][0]["step"] = -1; }), "order of their steps");
  damaged(record([](Json& r) { r["history"][0]["step"] = 23; }), "order of their steps");
  damaged(record([](Json& r) { r["history"].back()["step"] = 25; }), "order of their steps");
  damaged(record([](Json& r) { r["loss"]["count"] = INT64_MAX; }), "counts");
  damaged(record([](Json& r) { r["sensitivity"]["method"] = "magic"; }), "taylor, gradient_norm or keep_ratio");
  damaged(record([](Json& r) { r["sensitivity"]["momentum"] = 1; }), "sensitivities");
  damaged(record([](Json& r) { r["sensitivity"]["scores"]["value"].push_back(1.0); }), "sensitivities");
  damaged(record([](Json& r) { r["sensitivity"]["scores"]["stage"][0] = 7; }), "sensitivities");
  damaged(record([](Json& r) { r["sensitivity"]["scores"]["channel"][1].erase(0); }), "sensitivities");
  damaged(record([](Json& r) { r["ages"][0]["step"] = -1; }), "ages of");
  damaged(record([](Json& r) { r["ages"][0]["step"] = INT64_MAX; }), "ages of");
  damaged(record([](Json& r) { r["ages"][1] = r["ages"][0]; }), "ages of");
  damaged(record([](Json& r) { r["ages"].erase(0); }), "ages of some");
  damaged(record([](Json& r) {
            for (Json& age : r["ages"])
              if (!age["cohort_start"].empty()) age["cohort_start"][0] = age["step"].get<Index>() + 1;
          }),
          "ages of");
  damaged([](SafeTensors& t) { t.metadata["train"] = R"({"stepp": 1})"; }, "did you mean 'step'");
  const auto genome = [](auto&& edit) {
    return [edit](SafeTensors& t) {
      Json g = Json::parse(t.metadata["genome"]);
      edit(g);
      t.metadata["genome"] = g.dump();
    };
  };
  damaged(genome([](Json& g) { g["stages"][0]["channels"] = 1'000'000'000; }), "channels");
  damaged(genome([](Json& g) { g["stages"][0]["channels"] = 7; }), "channels");
  damaged(genome([](Json& g) { g["stages"][1]["id"] = 0; }), "id of a stage");
  damaged(genome([](Json& g) { g["stages"] = Json::array(); }), "stages");
  damaged(genome([](Json& g) { g["readout"] = "global_pool"; }), "readout");
  damaged(genome([](Json& g) { g["height"] = -4; }), "image size");
  damaged(genome([](Json& g) { g["stages"][0]["next_block"] = INT64_MAX; }), "residual blocks");
  damaged(genome([](Json& g) { g["next_stage"] = INT64_MAX; }), "stages");
  damaged(genome([](Json& g) { g["heads"][0]["sizes"][0] = 17; }), "does not fit");
  damaged(genome([](Json& g) { g["heads"][0]["sizes"].push_back(17); }), "another number of layers");
  damaged(genome([](Json& g) { g["heads"][0]["sizes"] = Json::array(); }), "number of layers of the head");
  damaged(genome([](Json& g) { g["heads"][0]["sizes"][1] = -3; }), "sizes of the head 'nt_xent'");
  damaged(genome([](Json& g) { g["heads"][0]["task"] = "no_such"; }), "no head, or one of a task");
  damaged(genome([](Json& g) { g["heads"].push_back(g["heads"][0]); }), "no head, or one of a task");
  damaged(genome([](Json& g) { g["heads"] = Json::array(); }), "no head, or one of a task");
  damaged(record([](Json& r) { r["moments"] = 3; }), "moment2");
  damaged(record([](Json& r) { r["moments"] = -1; }), "counts");
  damaged(genome([](Json& g) { g["stages"][0]["pool"] = 9; }), "leaves nothing");
  damaged(record([](Json& r) { r["ages"][0]["key"] = "net/no/such"; }), "no parameter");
  const auto put = [](const std::string& name, const std::vector<Index>& shape, const std::vector<float>& values) {
    return [=](SafeTensors& t) { t.put(name, shape, std::span(values)); };
  };
  const Index channels = feature_channels(backbone(start().model.net));
  const std::vector<float> whitening(to_size(channels * channels));
  damaged(put("base_mean", {3}, std::vector<float>(3)), "shape");
  damaged(put("base_whitening", {channels * channels}, whitening), "shape");
  damaged(put("base_whitening", {channels, channels}, whitening), "lacks its mean");
  std::vector<float> mean(to_size(feature_count(backbone(start().model.net), image)));
  mean[1] = std::numeric_limits<float>::quiet_NaN();
  damaged(put("base_mean", {static_cast<Index>(mean.size())}, mean), "not finite");
  CHECK_THROWS_AS(save_checkpoint(file.path(), start(), image, Json::object(), {.mean = mean}), Error);
}

TEST_CASE("A file that was changed by accident is refused, one changed on purpose is not") {
  const TempFile file("changed.safetensors");
  save_checkpoint(file.path(), start(), image, Json::object());
  const std::string good = file.bytes();
  std::string bad = good;
  bad[bad.size() - 5] ^= 1;  // in the last tensor
  file.write(bad);
  CHECK(error_of(file.path()).find("checksum") != std::string::npos);
  rewrite(file, [](SafeTensors&) {});
  CHECK(error_of(file.path()) == "");
}

TEST_CASE("A state with numbers that no file can hold is refused, and the old file stays") {
  const TempFile file("infinite.safetensors");
  State s = trained(2);
  save_checkpoint(file.path(), s, image, Json::object());
  const std::string before = file.bytes();
  auto scores = s.sensitivity.record();
  scores.channel[0][0] = std::numeric_limits<double>::infinity();
  s.sensitivity.restore(scores);
  CHECK_THROWS_AS(save_checkpoint(file.path(), s, image, Json::object()), Error);
  CHECK(file.bytes() == before);
}

TEST_CASE("A checkpoint that cannot be written leaves the old one whole") {
  const TempFile file("kept.safetensors");
  save_checkpoint(file.path(), start(), image, Json::object());
  const std::string before = file.bytes();
  CHECK_THROWS_AS(save_checkpoint(fs::path("/no/such/folder/x.safetensors"), start(), image, Json::object()), Error);
  CHECK(file.bytes() == before);
}

TEST_CASE("A net that a checkpoint cannot describe is refused before anything is written") {
  const TempFile file("odd.safetensors");
  State s = start();
  entry_norm(stages(backbone(s.model.net))[0]).eps = 1e-3f;
  CHECK_THROWS_AS(save_checkpoint(file.path(), s, image, Json::object()), Error);
  CHECK_FALSE(fs::exists(file.path()));
}

}  // namespace checkpoint_test
