#include "sseg/io/onnx_model.hpp"

#include <array>
#include <string>

#include "support/catch.hpp"
#include "support/wire_reader.hpp"
#include "unit/io/message_of.hpp"

namespace onnx_model_test {

using sseg::OnnxModel;
using sseg_test::message_of;
using namespace std::string_literals;

TEST_CASE("ONNX: a model of one node, byte for byte") {
  OnnxModel model("g");
  model.input("x", {OnnxModel::any, 2});
  model.output("y", {OnnxModel::any, 2});
  CHECK(model.node("Relu", {"x"}, {}, "y") == "y");
  // From onnx.proto3 by hand. ValueInfo{1 name, 2 type{1 tensor{1 float, 2 shape{1{2 "N"}, 1{1: 2}}}}}.
  const std::string type = "\x12\x0f\x0a\x0d\x08\x01\x12\x09\x0a\x03\x12\x01N\x0a\x02\x08\x02"s;
  const std::string graph =
      "\x0a\x14\x0a\x01x\x12\x01y\x1a\x06Relu_1\x22\x04Relu"
      "\x12\x01g"
      "\x5a\x14\x0a\x01x"s +
      type + "\x62\x14\x0a\x01y"s + type;
  CHECK(model.bytes() ==
        "\x08\x08\x12\x04sseg\x3a"s + static_cast<char>(graph.size()) + graph + "\x42\x04\x0a\x00\x10\x11"s);
}

TEST_CASE("ONNX: constants, attributes and metadata have the fields of the format") {
  OnnxModel model("g");
  constexpr std::array<float, 2> values{1.f, -2.f};
  model.constant("w", {2, 1}, values);
  model.constant("shape", {-1, 6});
  CHECK(model.node("Gemm", {"x", "w"}, {{"transB", sseg::Index{1}}}) == "Gemm_1");
  CHECK(model.node("MaxPool", {"Gemm_1"}, {{"kernel_shape", std::vector<sseg::Index>{2, 3}}, {"f", 0.5f}}) ==
        "MaxPool_2");
  model.metadata("net", "3 > 4");

  const sseg_test::WireMessage file(model.bytes()), graph = file.message(7);
  CHECK(file.at(1).value == 8);
  CHECK(file.message(8).at(2).value == 17);
  CHECK(file.message(14).text(1) == "net");
  CHECK(file.message(14).text(2) == "3 > 4");
  const sseg_test::WireMessage w(graph.all(5)[0].bytes), shape(graph.all(5)[1].bytes);
  CHECK(sseg_test::packed_numbers(w.text(1)) == std::vector<std::int64_t>{2, 1});
  CHECK(w.at(2).value == 1);
  CHECK(w.text(8) == "w");
  CHECK(w.text(9) == "\x00\x00\x80\x3f\x00\x00\x00\xc0"s);
  CHECK(sseg_test::packed_numbers(shape.text(1)) == std::vector<std::int64_t>{2});
  CHECK(shape.at(2).value == 7);
  CHECK(shape.text(9) == std::string(8, '\xff') + "\x06\x00\x00\x00\x00\x00\x00\x00"s);
  const sseg_test::WireMessage gemm(graph.all(1)[0].bytes), pool(graph.all(1)[1].bytes);
  CHECK(gemm.all(1)[1].bytes == "w");
  CHECK(gemm.message(5).text(1) == "transB");
  CHECK(gemm.message(5).at(3).value == 1);
  CHECK(gemm.message(5).at(20).value == 2);
  const sseg_test::WireMessage kernel(pool.all(5)[0].bytes), real(pool.all(5)[1].bytes);
  CHECK(kernel.all(8)[0].value == 2);
  CHECK(kernel.all(8)[1].value == 3);
  CHECK(kernel.at(20).value == 7);
  CHECK(real.at(2).as_float() == 0.5f);
  CHECK(real.at(20).value == 1);
}

TEST_CASE("ONNX: a constant of the wrong length is refused by name") {
  OnnxModel model("g");
  const std::vector<float> values{1.f, 2.f};
  const std::string said = message_of([&] { model.constant("w", {3}, values); });
  CHECK(said.find("another number of values") != said.npos);
  CHECK(said.find("'w'") != said.npos);
}

}  // namespace onnx_model_test
