#include <bit>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "sseg/experiment/export_header.hpp"
#include "sseg/experiment/export_safetensors.hpp"
#include "support/catch.hpp"
#include "support/random_checkpoint.hpp"
#include "unit/io/message_of.hpp"

namespace export_test {

using namespace sseg;
using sseg_test::message_of;
using sseg_test::random_checkpoint;

namespace {

/// A small net that was grown twice in its first stage and widened, with everything a checkpoint may know.
auto grown() { return random_checkpoint(SeedNetwork{.initial_channels = 3}, {8, 8, 2}, {2}, true); }

}  // namespace

TEST_CASE("tensors have the names that other programs expect, by place and not by id") {
  const auto c = grown();  // the ids of the residual blocks fall
  const auto names = export_names(backbone(c.state.model.net));
  CHECK(names.size() == 5 * 4);
  CHECK(names.at("net/0/0/#0/0/0/weight") == "stages.0.conv.weight");
  CHECK(names.at("net/0/0/#0/1/#1/0/1/gamma") == "stages.0.blocks.0.norm.weight");
  CHECK(names.at("net/0/0/#0/1/#0/0/1/running_var") == "stages.0.blocks.1.norm.running_var");
  std::vector<ParamDesc> tensors;
  backbone(c.state.model.net).describe_params("net/0", tensors);
  for (const ParamDesc& t : tensors) CHECK(names.count(t.key) == 1);
  CHECK(tensors.size() == names.size());
}

TEST_CASE("safetensors for other programs: the teacher's backbone alone, in PyTorch's order") {
  const auto c = grown();
  const ClassMeans classes{{"x", "y"}, {24, Buffer<float>(48)}};
  const auto file = SafeTensors::from_bytes(export_safetensors(c, classes).to_bytes(), "memory");
  CHECK(file.tensors().size() == 5 * 4 + 3);
  const auto& store = c.state.model.teacher;
  const auto& e = store.at("net/0/0/#1/0/0/weight");
  CHECK(file.at("stages.1.conv.weight").shape == std::vector<Index>{6, 3, 3, 3});
  const auto weight = file.values<float>("stages.1.conv.weight");
  for (Index o = 0; o < 6; ++o)
    for (Index i = 0; i < 3; ++i)
      for (Index y = 0; y < 3; ++y)
        for (Index x = 0; x < 3; ++x)
          CHECK(weight[to_size(((o * 3 + i) * 3 + y) * 3 + x)] ==
                store.values(e)[to_size(((y * 3 + x) * 3 + i) * 6 + o)]);
  CHECK(file.values<float>("base_mean") == c.base.mean);
  CHECK(file.at("base_whitening").shape == std::vector<Index>{6, 6});
  CHECK(file.at("class_means").shape == std::vector<Index>{2, 24});
  CHECK(file.metadata.at("format") == "pt");
  CHECK(file.metadata.at("classes") == "[\"x\",\"y\"]");
  CHECK(parse_json(file.metadata.at("genome"), "genome")["stages"].size() == 2);
  const auto bare = export_safetensors(random_checkpoint(SeedNetwork{.initial_channels = 3}, {8, 8, 2}, {}));
  CHECK_FALSE(bare.contains("base_mean"));
  CHECK(bare.metadata.count("classes") == 0);
}

TEST_CASE("a header's numbers read back as the same bits") {
  for (const float v : {0.f, -0.f, 1.f, -3.f, 0.1f, 1e-45f, 3.4028235e38f, 1e10f, -1.17549435e-38f}) {
    const std::string text = detail::float_literal(v);
    CHECK(text.back() == 'f');
    CHECK(text.find_first_of(".e") != text.npos);  // else it would be a whole number, which takes no f
    const float back = std::strtof(text.c_str(), nullptr);
    CHECK(std::bit_cast<std::uint32_t>(back) == std::bit_cast<std::uint32_t>(v));
  }
}

TEST_CASE("a header names its tensors and builds the same net") {
  const auto c = grown();
  const std::string text = export_header(c, "my_net");  // tests/peers compiles and runs it
  CHECK(text.find("namespace my_net {") != text.npos);
  CHECK(text.find("feature_count = 24;") != text.npos);
  CHECK(text.find("// net/0/0/#1/0/0/weight (3, 3, 3, 6)") != text.npos);
  CHECK(text.find("make_stage(2, 3, 2)") != text.npos);
  CHECK(text.find("b < 2;") != text.npos);
  CHECK(text.find("net/1") == text.npos);  // no heads
}

TEST_CASE("a header needs a name that the language takes") {
  const auto c = grown();
  for (const char* name : {"", "9net", "my-net", "a__b", "_net", "std", "sseg", "a b", "default", "log"}) {
    CAPTURE(name);
    CHECK(message_of([&] { export_header(c, name); }).find("is no name for a namespace") != std::string::npos);
  }
}

TEST_CASE("a header of weights that are not finite is refused") {
  auto c = grown();
  c.state.model.teacher.value[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(message_of([&] { export_header(c, "net"); }).find("not finite") != std::string::npos);
}

TEST_CASE("a class without a picture has no mean") {
  const std::string said = message_of([] { class_means({"full", "empty"}, {0}, Features{2, Buffer<float>(2)}); });
  CHECK(said.find("'empty' has no picture") != said.npos);
}

}  // namespace export_test
