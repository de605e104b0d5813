#pragma once
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/evolve/learner.hpp"
#include "sseg/train/checkpoint.hpp"

namespace sseg {

namespace detail {

/// A float literal that reads back as the same bits. Requires: finite.
inline std::string float_literal(float value) {
  std::array<char, 32> digits{};
  std::string text(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
  if (text.find_first_of(".e") == text.npos) text += ".";
  return text + "f";
}

inline std::string float_array(std::string_view name, const ParamStore<float>& store, Index tensors, Role role) {
  std::string values;
  Index count = 0;
  for (const auto& e : std::span(store.entries).first(to_size(tensors))) {
    if (e.desc.role != role) continue;
    values += "    // " + e.desc.key + " " + to_string(e.desc.shape);
    Index column = 0;
    for (const float v : store.values(e)) {
      if (!std::isfinite(v))
        throw Error("a weight is not finite", "export_header, '" + e.desc.key + "'",
                    "train with a lower learning rate");
      values += (column++ % 8 == 0 ? "\n    " : " ") + float_literal(v) + ",";
    }
    count += column;
    values += "\n";
  }
  return "inline constexpr float " + std::string(name) + "[" + std::to_string(count) + "] = {\n" + values + "};\n";
}

/// Words of the language, and global names of the C library that its headers declare.
inline bool is_taken_name(std::string_view name) {
  constexpr std::string_view taken =
      " alignas alignof and asm auto bitand bitor bool break case catch char class compl concept const consteval"
      " constexpr constinit continue default delete do double else enum explicit export extern false float for friend"
      " goto if inline int long mutable namespace new noexcept not nullptr operator or private protected public "
      "register"
      " requires return short signed sizeof static struct switch template this throw true try typedef typeid typename"
      " union unsigned using virtual void volatile while xor exp log pow sin cos tan sqrt floor ceil round abs div time"
      " clock signal read write open close link index rindex remove rename select access pipe sleep y0 y1 yn j0 j1 jn"
      " gamma exit system main std sseg ";
  return taken.find(" " + std::string(name) + " ") != taken.npos;
}

/// Letters, digits and strokes, not beginning with a digit; no two strokes, which the language keeps for itself.
inline bool is_plain_name(std::string_view name) {
  constexpr std::string_view digits = "0123456789";
  constexpr std::string_view word = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  return !name.empty() && digits.find(name[0]) == digits.npos && name[0] != '_' &&
         name.find_first_not_of(word) == name.npos && name.find("__") == name.npos && !is_taken_name(name);
}

/// The statements that build the net.
template <class Readout>
std::string build_statements(const EvolvableCnn<Readout>& cnn) {
  std::string text;
  for (const auto& slot : stages(cnn).slots) {
    const Stage& s = slot.block;
    const auto number = [](Index n) { return std::to_string(n); };
    text += "  sseg::stages(net).push_back(sseg::make_stage(" + number(entry_conv(s).in) + ", " + number(width(s)) +
            ", " + number(entry_norm(s).pool) + "));\n";
    if (const Index blocks = residuals(s).size())
      text += "  for (int b = 0; b < " + number(blocks) +
              "; ++b)\n    sseg::residuals(sseg::stages(net)[sseg::stages(net).size() - 1])"
              ".push_back(sseg::make_identity_block(" +
              number(width(s)) + "));\n";
  }
  return text;
}

}  // namespace detail

/// The text of a C++ header that holds the backbone of a checkpoint's teacher in a namespace `name`: its weights as
/// arrays, and `NAME::embed(image, features)`, which needs this library and nothing else: no file, no thread, no other
/// part. Compiled with the same flags it computes, on CPUs of one instruction set, the same bits as `Embedder`.
/// Throws: Error when `name` is no name for a namespace, or a weight is not finite.
template <class Head>
std::string export_header(const Checkpoint<Learner<Flatten, Head>>& c, const std::string& name) {
  if (!detail::is_plain_name(name))
    throw Error("'" + name + "' is no name for a namespace", "export_header",
                "give letters, digits and single strokes, beginning with a letter");
  const auto& cnn = backbone(c.state.model.net);
  const auto& teacher = c.state.model.teacher;
  std::vector<ParamDesc> tensors;
  cnn.describe_params("net/0", tensors);
  const auto count = static_cast<Index>(tensors.size());
  const auto number = [](Index n) { return std::to_string(n); };
  const std::string image = number(c.image[0]) + ", " + number(c.image[1]) + ", " + number(c.image[2]);
  return "// Written by sseg's export_model. A trained net and its weights: nothing else is needed but the library's\n"
         "// headers. The net: " +
         describe(cnn) +
         "\n//\n"
         "//   " +
         name +
         "::embed(image, features);\n//\n"
         "// image: height x width x channels floats in [0, 1], row by row, the channels of a pixel side by side, "
         "framed\n"
         "// as in training (drawings: ink 1 on paper 0). features: feature_count floats; alike pictures have "
         "features\n"
         "// with a high cosine. May be called from several threads; each builds the net at its first call.\n"
         "#pragma once\n"
         "#include <algorithm>\n#include <utility>\n\n"
         "#include <sseg/backend/cpu.hpp>\n#include <sseg/net/evolvable_cnn.hpp>\n"
         "#include <sseg/net/frozen_net.hpp>\n#include <sseg/net/param_store.hpp>\n#include <sseg/net/reseat.hpp>\n\n"
         "namespace " +
         name + " {\n\ninline constexpr int height = " + number(c.image[0]) + ", width = " + number(c.image[1]) +
         ", channels = " + number(c.image[2]) +
         ";\ninline constexpr int feature_count = " + number(feature_count(cnn, c.image)) + ";\n\n" +
         detail::float_array("parameters", teacher, count, Role::param) + "\n" +
         detail::float_array("running_statistics", teacher, count, Role::state) +
         "\ninline sseg::EvolvableCnn<sseg::Flatten> make_net() {\n"
         "  sseg::EvolvableCnn<sseg::Flatten> net;\n" +
         detail::build_statements(cnn) +
         "  return net;\n}\n\n"
         "inline sseg::ParamStore<float> make_weights() {\n"
         "  auto store = sseg::make_store<float>(make_net(), 0, sseg::Rng());\n"
         "  std::copy(std::begin(parameters), std::end(parameters), store.value.begin());\n"
         "  std::copy(std::begin(running_statistics), std::end(running_statistics), store.state.begin());\n"
         "  return store;\n}\n\n"
         "/// The net with its weights and its workspace; not for two threads at once.\n"
         "class Model {\n public:\n"
         "  Model() : cpu_(1), net_(cpu_, make_net(), make_weights()) {}\n"
         "  Model(const Model&) = delete;\n"
         "  void embed(const float* image, float* features) {\n"
         "    const auto y = net_({image, {1, " +
         image +
         "}});\n"
         "    std::copy_n(y.data, feature_count, features);\n"
         "  }\n\n"
         " private:\n"
         "  sseg::Cpu cpu_;\n"
         "  sseg::FrozenNet<sseg::Cpu, sseg::EvolvableCnn<sseg::Flatten>> net_;\n"
         "};\n\n"
         "inline void embed(const float* image, float* features) {\n"
         "  static thread_local Model model;\n"
         "  model.embed(image, features);\n"
         "}\n\n"
         "}  // namespace " +
         name + "\n";
}

}  // namespace sseg
