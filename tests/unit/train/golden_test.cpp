#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "golden_run.hpp"
#include "support/catch.hpp"
#include "unit/io/temp_folder.hpp"

namespace golden_test {

using namespace golden_run;
namespace fs = std::filesystem;

namespace {

Checkpoint<Net> golden() { return load_checkpoint<Net>(file(2)); }

/// 16 digits that stand for every bit.
template <class T>
std::string sum_of(const T* values, Index count) {
  detail::WordSum sum;
  sum.add(std::span(reinterpret_cast<const std::uint8_t*>(values), to_size(count) * sizeof(T)));
  return sum.hex();
}
template <class T>
std::string sum_of(const Buffer<T>& values) {
  return sum_of(values.data(), values.size());
}

std::string sum_of(const std::string& text) { return sum_of(text.data(), static_cast<Index>(text.size())); }
template <class T>
std::string json_of(const T& value) {
  return to_text(fields_to_json(value));
}

std::string bytes_of(const fs::path& path) { return read_file(path, Index{1} << 24); }

/// As the golden file holds it, for its 6 channels.
std::vector<float> whitening() {
  std::vector<float> w;
  for (int k = 0; k < 36; ++k) w.push_back(0.25f * static_cast<float>(k) - 1);
  return w;
}

}  // namespace

/// `test_unit_train "[write_golden]"` writes the file of a new format. It never writes over one that is there.
TEST_CASE("Write a golden checkpoint", "[.write_golden]") {
  const fs::path path = file(checkpoint_version);
  REQUIRE_FALSE(fs::exists(path));
  State s = start();
  run(s, stopped_at);
  const std::vector<float> mean{0.5f, -1.f, 0.1f, 1e-30f, 0, 2, 3, 4};
  save_checkpoint(
      path, s, image, Json{{"name", "golden"}, {"rate", 0.1}},
      {.mean = {mean.begin(), mean.begin() + feature_count(backbone(s.model.net), image)}, .whitening = whitening()});
}

TEST_CASE("The golden checkpoint of format 2 is read with all its counts, words and history") {
  const auto c = golden();
  const State& s = c.state;
  CHECK(c.image == image);
  CHECK(c.config == Json{{"name", "golden"}, {"rate", 0.1}});
  CHECK(c.base.mean == std::vector<float>{0.5f, -1.f, 0.1f, 1e-30f, 0, 2});
  CHECK(c.base.whitening == whitening());
  CHECK(describe(backbone(s.model.net)) == "4+1 > 8 > 6");
  CHECK(s.step == 14);
  CHECK(json_of(s.plateau) == R"({"asked":false,"best":0.25,"seen":4,"since":0,"stale":0})");
  CHECK(s.collapse == CollapseMemory{Collapse::constant, 7, Collapse::constant});
  CHECK(json_of(s.loss) == R"({"count":2,"sum":14.484657593013939})");
  CHECK(s.stop == StopMemory{0.375, 4, 3});
  std::string history;
  for (const MutationRecord& m : s.history)
    history += std::to_string(m.step) + " " + m.kind + (m.keeps_function ? ", " : "*, ") + m.place + "\n";
  CHECK(history ==
        "3 grow, stage 0, residual block 0\n"
        "6 widen, stage 1, 4 to 6 channels\n"
        "9 add_stage*, stage 2, 6 channels, pooling by 2\n"
        "12 widen_net2wider, stage 1, 6 to 8 channels\n");
  CHECK(s.history[3].edit.mapping == std::vector<Index>{4, 0});
  CHECK(sum_of(json_of(s.history)) == "e7f2903243fae13c");
  CHECK(steps_since_change(s.history, s.step) == 5);
  CHECK(s.sensitivity.method() == "keep_ratio");
  CHECK(s.sensitivity.momentum() == 0.9);
  CHECK(sum_of(json_of(s.sensitivity.record())) == "b377edac468217a1");
}

TEST_CASE("The golden checkpoint of format 2 is read with every bit of its tensors") {
  const State s = golden().state;
  CHECK(s.model.student.entries.size() == 39);
  CHECK(sum_of(s.model.student.value) == "a3ad73fade0187c0");
  CHECK(sum_of(s.model.student.state) == "cbdca391423b3573");
  REQUIRE(s.model.student.moment.size() == 2);
  CHECK(sum_of(s.model.student.moment[0]) == "642e382fab0a9153");
  CHECK(sum_of(s.model.student.moment[1]) == "647d0d193116b41e");
  CHECK(sum_of(s.model.teacher.value) == "be16701843ddca02");
  CHECK(sum_of(s.model.teacher.state) == "8746efb813c33369");
  REQUIRE(s.memory.size() == 2);
  CHECK(s.memory[0].size() == 0);
  CHECK(sum_of(s.memory[1]) == "3313cb3a5e4ee318");

  REQUIRE(s.routing.has_value());
  const Routing<float>& r = *s.routing;
  CHECK(r.router.config() == *recipe().routing.config);
  CHECK(r.seed == 9);
  CHECK(r.router.settled());
  CHECK(sum_of(r.router.masks().paths) == "27236d66b91966a1");
  CHECK(sum_of(r.importance.values().data(), s.model.student.value.size()) == "365856913a483f77");
  CHECK(sum_of(r.positive.store().state) == "5e52d6dd9a285539");
  CHECK(sum_of(r.negative.store().state) == "a1d690985ff669eb");
}

TEST_CASE("The golden checkpoint of format 2 is read with the ages of its tensors") {
  const State s = golden().state;
  std::string ages;
  for (const auto& e : s.model.student.entries)
    if (!e.cohort.empty()) {
      ages += e.desc.key + " " + std::to_string(e.step) + " from";
      for (const Index start : e.cohort_start) ages += " " + std::to_string(start);
      ages += ": " + sum_of(e.cohort.data(), e.count()) + "\n";
    }
  CHECK(ages ==
        "net/0/0/#1/0/0/weight 14 from 0 6: ad3235c62c8eb599\n"
        "net/0/0/#1/0/1/gamma 14 from 0 6: 66d3ca1d3755ae5c\n"
        "net/0/0/#1/0/1/beta 14 from 0 6: 66d3ca1d3755ae5c\n"
        "net/1/nt_xent/0/weight 14 from 0 6: df27e3832a89c780\n"
        "net/1/dino/0/weight 14 from 0 6: df27e3832a89c780\n");
}

TEST_CASE("Written again, the golden checkpoint of the present format has the same bytes") {
  const auto c = load_checkpoint<Net>(file(checkpoint_version));
  const sseg_test::TempFolder folder;
  const fs::path again = folder / "again.safetensors";
  save_checkpoint(again, c.state, c.image, c.config, c.base);
  CHECK(bytes_of(again) == bytes_of(file(checkpoint_version)));
}

TEST_CASE("Training goes on from a golden checkpoint, through a mutation, and stops on the way change nothing") {
  State s = golden().state, other = golden().state;
  run(s, config.steps);
  CHECK(s.step == config.steps);
  REQUIRE(s.history.size() == 5);
  CHECK(s.history.back().kind == "grow");
  for (const float v : s.model.student.value) CHECK(std::isfinite(v));
  run(other, 16);
  run(other, config.steps, 2);
  CHECK(other.model.student.value == s.model.student.value);
}

}  // namespace golden_test
