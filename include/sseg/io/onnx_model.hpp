#pragma once
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/io/wire_writer.hpp"

namespace sseg {

/// A small model in the format of ONNX (https://onnx.ai, onnx.proto3): IR version 8, operator set 17. Constants lie in
/// `raw_data`. Nodes stand in the order in which they are added, which must be one in which they can run.
class OnnxModel {
 public:
  static constexpr Index ir_version = 8, operator_set = 17;
  /// Stands for the batch in a shape: any number, named N.
  static constexpr Index any = -1;

  /// An attribute of a node: its name, and a whole number, several, or a float.
  struct Attribute {
    std::string name;
    std::variant<Index, std::vector<Index>, float> value;
  };

  explicit OnnxModel(std::string name) : name_(std::move(name)) {}

  void input(const std::string& name, const std::vector<Index>& shape) { inputs_.message(11, value(name, shape)); }
  void output(const std::string& name, const std::vector<Index>& shape) { outputs_.message(12, value(name, shape)); }

  /// Throws: Error when shape and values do not fit.
  void constant(const std::string& name, const std::vector<Index>& shape, std::span<const float> values) {
    add_constant(name, shape, type_float, values);
  }
  void constant(const std::string& name, const std::vector<Index>& values) {
    add_constant(name, {static_cast<Index>(values.size())}, type_int64, std::span(values));
  }

  /// Adds a node and returns the name of its one output: `output`, or where that is empty the operator and its number.
  std::string node(const std::string& op, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {}, std::string output = {}) {
    const std::string name = op + "_" + std::to_string(++count_);
    if (output.empty()) output = name;
    WireWriter n;
    for (const std::string& i : inputs) n.bytes(1, i);
    n.bytes(2, output).bytes(3, name).bytes(4, op);
    for (const Attribute& a : attributes) n.message(5, message_of(a));
    nodes_.message(1, n);
    return output;
  }

  /// A line of text about the model.
  void metadata(const std::string& key, const std::string& text) {
    metadata_.message(14, WireWriter().bytes(1, key).bytes(2, text));
  }

  /// The file.
  std::string bytes() const {
    const std::string graph =
        nodes_.bytes() + WireWriter().bytes(2, name_).bytes() + constants_.bytes() + inputs_.bytes() + outputs_.bytes();
    WireWriter model;
    model.number(1, ir_version).bytes(2, "sseg").bytes(7, graph);
    model.message(8, WireWriter().bytes(1, "").number(2, operator_set));
    return model.bytes() + metadata_.bytes();
  }

 private:
  // TensorProto.DataType; AttributeProto.AttributeType.
  static constexpr Index type_float = 1, type_int64 = 7;
  static constexpr Index attribute_float = 1, attribute_int = 2, attribute_ints = 7;

  static WireWriter value(const std::string& name, const std::vector<Index>& shape) {
    WireWriter extents;
    for (const Index extent : shape)
      extents.message(1, extent == any ? WireWriter().bytes(2, "N") : WireWriter().number(1, extent));
    const auto tensor = WireWriter().number(1, type_float).message(2, extents);
    return WireWriter().bytes(1, name).message(2, WireWriter().message(1, tensor));
  }

  template <class T>
  void add_constant(const std::string& name, const std::vector<Index>& shape, Index type, std::span<const T> values) {
    Index count = 1;
    for (const Index extent : shape) count *= extent;
    if (count != static_cast<Index>(values.size()))
      throw Error("a constant has another number of values than its shape", "OnnxModel, '" + name + "'",
                  "give as many values as the shape has");
    constants_.message(5, WireWriter().packed(1, shape).number(2, type).bytes(8, name).words(9, values));
  }

  static WireWriter message_of(const Attribute& a) {
    WireWriter m;
    m.bytes(1, a.name);
    if (const float* f = std::get_if<float>(&a.value)) return m.real(2, *f).number(20, attribute_float);
    if (const Index* i = std::get_if<Index>(&a.value)) return m.number(3, *i).number(20, attribute_int);
    for (const Index i : std::get<std::vector<Index>>(a.value)) m.number(8, i);
    return m.number(20, attribute_ints);
  }

  std::string name_;
  WireWriter nodes_, constants_, inputs_, outputs_, metadata_;
  Index count_ = 0;
};

}  // namespace sseg
