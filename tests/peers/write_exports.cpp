// write_exports FOLDER: nets of several architectures, exported in every format, beside pictures and what the library
// makes of them, for check_exports.py and header.cmake.
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "sseg/augment/frame.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/experiment/class_means.hpp"
#include "sseg/experiment/export_header.hpp"
#include "sseg/experiment/export_onnx.hpp"
#include "sseg/experiment/export_safetensors.hpp"
#include "sseg/fewshot/embed.hpp"
#include "sseg/fewshot/picture_features.hpp"
#include "sseg/io/atomic_file.hpp"
#include "support/random_checkpoint.hpp"
#include "write_into.hpp"

using namespace sseg;
namespace fs = std::filesystem;

namespace {

std::string_view bytes_of(const Buffer<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), to_size(values.size()) * sizeof(float)};
}

template <class Net>
void write_case(const fs::path& folder, const std::string& name, const Checkpoint<Net>& c) {
  Cpu cpu(2);
  const auto& cnn = backbone(c.state.model.net);
  const auto& teacher = c.state.model.teacher;
  const Images images = sseg_test::random_images(7, c.image);
  const Features features = Embedder(cpu).embed(cnn, teacher, images);
  const PictureFeatures seen = picture_features(cpu, cnn, teacher, images, Frame{.side = c.image[0]},
                                                Frame{.side = c.image[0]}, {}, Rng(1), c.base);
  Features embedding = c.base.mean.empty() ? seen.plain : c.base.whitening.empty() ? seen.centred : seen.whitened;
  detail::unit_rows(embedding);
  const ClassMeans classes = class_means({"first", "second", "\xc3\xb6"}, images.label, embedding);
  Buffer<float> scores(7 * 3);
  for (Index i = 0; i < 7; ++i)
    for (Index k = 0; k < 3; ++k)
      scores[i * 3 + k] = detail::dot(embedding.row(i).data, classes.rows.row(k).data, embedding.dim);

  SafeTensors expected;
  expected.put("images", {7, c.image[0], c.image[1], c.image[2]}, images.pixels.span());
  expected.put("features", {7, features.dim}, features.rows.span());
  expected.put("embedding", {7, features.dim}, std::as_const(embedding.rows).span());
  expected.put("scores", {7, 3}, std::as_const(scores).span());
  expected.save(folder / (name + ".expected"));
  write_file_atomically(folder / (name + ".onnx"), export_onnx(c).bytes());
  write_file_atomically(folder / (name + ".classes.onnx"), export_onnx(c, classes).bytes());
  export_safetensors(c, classes).save(folder / (name + ".safetensors"));
  write_file_atomically(folder / (name + ".hpp"), export_header(c, name));
  write_file_atomically(folder / (name + ".images"), bytes_of(images.pixels));
  write_file_atomically(folder / (name + ".features"), bytes_of(features.rows));
}

/// The layers that no backbone has, in one net.
void write_layers(const fs::path& folder) {
  Cpu cpu(1);
  const auto net = chain(Conv2d{.in = 3, .out = 5, .kernel = 5, .stride = 2, .pad = 2}, Relu{}, MaxPool{3},
                         GlobalPool{}, Linear{.in = 5, .out = 4}, L2Normalize{});
  auto store = make_store<float>(net, 0, Rng(3));
  sseg_test::randomize(store);
  const Images images = sseg_test::random_images(7, {19, 14, 3});
  const Features y = Embedder(cpu).embed(net, store, images);
  OnnxModel model("layers");
  model.input("images", {OnnxModel::any, 19, 14, 3});
  const std::string x = model.node("Transpose", {"images"}, {{"perm", std::vector<Index>{0, 3, 1, 2}}});
  model.node("Identity", {OnnxLayers(model, store).add(net, "net", x)}, {}, "features");
  model.output("features", {OnnxModel::any, 4});
  write_file_atomically(folder / "layers.onnx", model.bytes());
  SafeTensors expected;
  expected.put("images", {7, 19, 14, 3}, images.pixels.span());
  expected.put("features", {7, 4}, y.rows.span());
  expected.save(folder / "layers.expected");
}

void write_all(const fs::path& folder) {
  using sseg_test::random_checkpoint;
  write_case(folder, "plain_net", random_checkpoint(SeedNetwork{.initial_channels = 6}, {28, 28, 1}, {}));
  write_case(folder, "grown_net", random_checkpoint(SeedNetwork{.initial_channels = 5}, {16, 16, 3}, {2, 1}, true));
  write_case(
      folder, "deep_net",
      random_checkpoint(SeedNetwork{.initial_channels = 4, .num_blocks = 4, .unpooled_blocks = 1, .channel_factor = 2},
                        {27, 27, 1}, {0, 1, 0, 2}, true));
  write_layers(folder);
}

}  // namespace

int main(int argc, char** argv) { return write_into(argc, argv, write_all); }
