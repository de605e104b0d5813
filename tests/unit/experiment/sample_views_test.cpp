#include "sseg/experiment/sample_views.hpp"

#include <string>

#include "sseg/experiment/data_sets.hpp"
#include "support/catch.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/temp_folder.hpp"
#include "unit/report/event_file.hpp"

namespace sample_views_test {

using namespace sseg;

namespace {

RunConfig small_config() {
  RunConfig c;
  c.data.count = 20;
  c.data.image_size = 12;
  return c;
}

}  // namespace

TEST_CASE("sample views show framed pictures above and distorted ones below, the same each time") {
  const RunConfig c = small_config();
  const Images shapes = training_shapes(c);
  const Picture sheet = sample_views(c, shapes, 3, 2);
  CHECK(sheet.height == 3 * 14 - 2);
  CHECK(sheet.width == 3 * 14 - 2);
  CHECK(sheet.channels == 1);
  CHECK(sheet == sample_views(c, shapes, 3, 2));
  const auto byte = [&](Index y, Index x) { return sheet.bytes[to_size(y * sheet.width + x)]; };
  Index different = 0;
  for (Index y = 0; y < 12; ++y)
    for (Index x = 0; x < 12; ++x) {
      CHECK(byte(y, 14 + x) == to_byte(shapes.image(20 / 3).data[y * 12 + x]));  // the second of three
      different += byte(y, x) != byte(14 + y, x);
    }
  CHECK(different > 0);
  CHECK(byte(12, 0) == 128);  // the gap
}

TEST_CASE("fewer pictures than columns are all shown, and none is an error") {
  const RunConfig c = small_config();
  const Images shapes = training_shapes(c);
  CHECK(sample_views(c, shapes.subset({4}), 8, 1).width == 12);
  CHECK(sseg_test::message_of([&] { sample_views(c, AnyDataset()); }).find("no pictures to show") != std::string::npos);
}

TEST_CASE("sample views lie in an event file as a PNG") {
  const sseg_test::TempFolder folder;
  const RunConfig c = small_config();
  const Images shapes = training_shapes(c);
  log_sample_views(folder.path(), c, shapes);
  const auto values = sseg_test::values_in(sseg_test::newest_event_file(folder.path()));
  REQUIRE(values.size() == 1);
  const auto& view = values.at("views").at(0);
  CHECK(view.step == 0);
  const auto image = view.value.message(4);
  CHECK(decode_png(image.text(4), "event") == sample_views(c, shapes));
  CHECK(image.at(1).value == 5 * 14 - 2);
  CHECK(image.at(3).value == 1);
}

}  // namespace sample_views_test
