#include "sseg/experiment/class_folder.hpp"

#include <string>

#include "sseg/backend/cpu.hpp"
#include "sseg/data/pixel_values.hpp"
#include "sseg/io/png.hpp"
#include "support/catch.hpp"
#include "support/random_checkpoint.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"

namespace class_folder_test {

using namespace sseg;

namespace {

RunConfig folder_config() {
  RunConfig c;
  c.data.source = "folder";
  c.data.image_size = 8;
  c.evaluation.copies = 3;  // plays no part
  return c;
}

/// Two classes of two pictures; what a net reads of them, rows 0 and 1 of the first class.
Images two_classes(const sseg_test::TempFolder& folder, bool ink) {
  Images images{"folder", {8, 8, 1}, Buffer<float>(4 * 64), {0, 0, 1, 1}, {}, {"ant", "bee"}, {}};
  Rng draw(4);
  for (Index i = 0; i < 4; ++i) {
    Picture picture{8, 8, 1, std::vector<std::uint8_t>(64)};
    for (std::size_t p = 0; p < 64; ++p) {
      picture.bytes[p] = to_byte(draw.uniform(0.f, 1.f));
      const float value = static_cast<float>(picture.bytes[p]) / 255.f;
      images.image(i).data[p] = ink ? 1 - value : value;
    }
    folder.add(images.classes[to_size(i / 2)] + "/" + std::to_string(i) + ".png", encode_png(picture));
  }
  return images;
}

}  // namespace

TEST_CASE("class means are of the framed pictures of a folder, seen as evaluation sees them") {
  Cpu cpu(1);
  for (const bool statistics : {false, true}) {
    const sseg_test::TempFolder folder;
    const auto c = sseg_test::random_checkpoint(SeedNetwork{.initial_channels = 3}, {8, 8, 1}, {1}, statistics);
    const Images images = two_classes(folder, false);
    Features seen = Embedder(cpu).embed(backbone(c.state.model.net), c.state.model.teacher, images);
    if (statistics) whiten_rows(cpu.threads(), c.base, seen);
    const ClassMeans expected = class_means({"ant", "bee"}, images.label, std::move(seen));
    const ClassMeans found = class_folder(cpu, c, folder_config(), folder.path());
    CHECK(found.names == expected.names);
    REQUIRE(found.rows.size() == 2);
    for (Index i = 0; i < found.rows.rows.size(); ++i)
      CHECK(found.rows.rows[i] == Approx(expected.rows.rows[i]).margin(1e-6));
  }
}

TEST_CASE("pictures of drawings are black on white in files, and ink for the net") {
  Cpu cpu(1);
  const sseg_test::TempFolder folder;
  const auto c = sseg_test::random_checkpoint(SeedNetwork{.initial_channels = 3}, {8, 8, 1}, {});
  const Images images = two_classes(folder, true);
  RunConfig config = folder_config();
  config.data.source = "omniglot";
  config.data.center = false;
  const ClassMeans expected = class_means(
      {"ant", "bee"}, images.label, Embedder(cpu).embed(backbone(c.state.model.net), c.state.model.teacher, images));
  const ClassMeans found = class_folder(cpu, c, config, folder.path());
  for (Index i = 0; i < found.rows.rows.size(); ++i)
    CHECK(found.rows.rows[i] == Approx(expected.rows.rows[i]).margin(1e-5));
}

TEST_CASE("a folder without classes is refused") {
  Cpu cpu(1);
  const sseg_test::TempFolder folder;
  const auto c = sseg_test::random_checkpoint(SeedNetwork{.initial_channels = 3}, {8, 8, 1}, {});
  folder.add("1.png", encode_png(Picture{2, 2, 1, std::vector<std::uint8_t>(4)}));
  const std::string said = sseg_test::message_of([&] { class_folder(cpu, c, folder_config(), folder.path()); });
  CHECK(said.find("lies in no class folder") != said.npos);
}

}  // namespace class_folder_test
