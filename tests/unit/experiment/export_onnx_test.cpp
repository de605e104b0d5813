#include "sseg/experiment/export_onnx.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "sseg/fewshot/whiten_rows.hpp"
#include "support/catch.hpp"
#include "support/onnx_runner.hpp"
#include "support/random_checkpoint.hpp"
#include "unit/io/message_of.hpp"

namespace export_onnx_test {

using namespace sseg;
using sseg_test::message_of;
using sseg_test::OnnxRunner;
using sseg_test::random_checkpoint;

namespace {

OnnxRunner::Tensor tensor_of(const Images& images) {
  OnnxRunner::Tensor t{{images.size(), images.shape[0], images.shape[1], images.shape[2]}, {}};
  for (const float v : images.pixels) t.values.push_back(static_cast<double>(v));
  return t;
}

double largest_difference(const Buffer<float>& ours, const OnnxRunner::Tensor& theirs) {
  REQUIRE(to_size(ours.size()) == theirs.values.size());
  double most = 0;
  for (Index i = 0; i < ours.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(ours[i]) - theirs.values[to_size(i)]));
  return most;
}

/// A small net that was grown twice in its first stage and widened, with everything a checkpoint may know.
auto grown() { return random_checkpoint(SeedNetwork{.initial_channels = 3}, {8, 8, 2}, {2}, true); }

Features features_of(const Checkpoint<sseg_test::RandomNet>& c, const Images& images) {
  Cpu cpu(1);
  return Embedder(cpu).embed(backbone(c.state.model.net), c.state.model.teacher, images);
}

}  // namespace

TEST_CASE("an exported ONNX model computes the teacher's features and their embedding") {
  for (const bool statistics : {false, true}) {
    const auto c = random_checkpoint(SeedNetwork{.initial_channels = 3}, {9, 8, 2}, {2, 1}, statistics);
    const Images images = sseg_test::random_images(3, c.image);
    const OnnxRunner runner(export_onnx(c).bytes());
    CHECK(runner.outputs() == std::vector<std::string>{"features", "embedding"});
    const auto values = runner.run("images", tensor_of(images));
    Features expected = features_of(c, images);
    CHECK(largest_difference(expected.rows, values.at("features")) < 1e-4);
    if (statistics) {
      Threads one(1);
      whiten_rows(one, c.base, expected);
    } else {
      detail::unit_rows(expected);
    }
    CHECK(largest_difference(expected.rows, values.at("embedding")) < 1e-5);
  }
}

TEST_CASE("a mean without whitening is subtracted, and a feature of zeros stays zeros") {
  auto c = grown();
  c.base.whitening.clear();
  const Images images = sseg_test::random_images(2, c.image);
  Features features = features_of(c, images);
  std::copy_n(features.row(0).data, features.dim, c.base.mean.begin());
  const auto values = OnnxRunner(export_onnx(c).bytes()).run("images", tensor_of(images));
  centre_rows(c.base, features);
  const auto& embedding = values.at("embedding").values;
  for (std::size_t d = 0; d < to_size(features.dim); ++d) CHECK(std::isfinite(embedding[d]));
  for (Index d = 0; d < features.dim; ++d)
    CHECK(embedding[to_size(features.dim + d)] == Approx(features.rows[features.dim + d]).margin(1e-4));
}

TEST_CASE("with classes a model also scores, by the cosine of the class means") {
  const auto c = grown();
  const Images images = sseg_test::random_images(6, c.image);
  Features seen = features_of(c, images);
  Threads one(1);
  whiten_rows(one, c.base, seen);
  const ClassMeans classes = class_means({"a", "b", "c"}, images.label, seen);
  const OnnxModel model = export_onnx(c, classes);
  const OnnxRunner runner(model.bytes());
  CHECK(runner.outputs().back() == "scores");
  const auto scores = runner.run("images", tensor_of(images)).at("scores");
  REQUIRE(scores.shape == std::vector<std::int64_t>{6, 3});
  FewShotTask task;
  task.way = 3;
  task.support = task.query = seen.view();
  task.label = images.label;
  Buffer<float> expected(6 * 3);
  Prototypes<CosineSimilarity>{}.classify(task, {expected.data(), {6, 3}});
  CHECK(largest_difference(expected, scores) < 1e-4);

  ClassMeans other = classes;
  other.rows.dim += 1;
  CHECK(message_of([&] { export_onnx(c, other); }).find("other features") != std::string::npos);
}

TEST_CASE("the model says what it reads, with any batch, and what it is") {
  const auto c = grown();
  const sseg_test::WireMessage file(export_onnx(c, ClassMeans{{"x"}, {24, Buffer<float>(24)}}).bytes());
  const auto input = file.message(7).message(11);
  CHECK(input.text(1) == "images");
  const auto extents = input.message(2).message(1).message(2).all(1);
  REQUIRE(extents.size() == 4);
  CHECK(sseg_test::WireMessage(extents[0].bytes).text(2) == "N");
  CHECK(sseg_test::WireMessage(extents[3].bytes).at(1).value == 2);
  std::map<std::string, std::string> metadata;
  for (const auto& f : file.all(14)) {
    const sseg_test::WireMessage entry(f.bytes);
    metadata[entry.text(1)] = entry.text(2);
  }
  CHECK(metadata["net"] == "3+2 > 6");
  CHECK(metadata["classes"] == "[\"x\"]");
  CHECK(metadata["config"] == "{\"name\":\"random\"}");
}

}  // namespace export_onnx_test
