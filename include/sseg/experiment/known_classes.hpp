#pragma once
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/experiment/classifier_net.hpp"
#include "sseg/fewshot/features.hpp"
#include "sseg/fewshot/score_calibration.hpp"
#include "sseg/io/content_sum.hpp"
#include "sseg/io/fields_json.hpp"
#include "sseg/io/safetensors.hpp"
#include "sseg/io/utf8.hpp"

namespace sseg {

/// What a classifier knows of its classes: the features of their examples, no pictures.
struct KnownClasses {
  static constexpr std::string_view none_of_these = "none of these",
                                    unreadable = "unreadable";  ///< no names of classes
  std::vector<std::string> names{};
  Features rows{};             ///< one an example
  std::vector<Index> label{};  ///< the class of each
  ScoreCalibration calibration{};
  std::string net{};  ///< `features_sum` of what the features were made with

  Index way() const { return static_cast<Index>(names.size()); }
};

/// 16 hexadecimal digits that stand for all that decides the features of a picture: weights, statistics, settings.
inline std::string features_sum(const ClassifierNet& n) {
  SafeTensors all;
  detail::put_store(all, "teacher", n.teacher);
  all.put("base_mean", {static_cast<Index>(n.base.mean.size())}, std::span(n.base.mean));
  all.put("base_whitening", {static_cast<Index>(n.base.whitening.size())}, std::span(n.base.whitening));
  const DataConfig& d = n.config.data;
  all.metadata["how"] =
      to_text(Json{fields_to_json(n.config.augment), n.config.seed, d.source, d.image_size, d.oversample, d.center,
                   d.rescale, n.config.evaluation.copies, n.config.evaluation.match, n.whitened});
  return content_sum(all, "");
}

namespace detail {

inline constexpr const char* classes_format = "sseg-classes-1";

inline const std::string& classes_entry(const SafeTensors& file, const std::string& key, const std::string& where) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end())
    throw Error("this is no file of classes: it has no '" + key + "'", where,
                "give a file that classify_folder --save_classes wrote");
  return found->second;
}

inline double classes_number(const SafeTensors& file, const std::string& key, const std::string& where) {
  const auto value = from_text_value<double>(classes_entry(file, key, where));
  if (!value || !std::isfinite(*value)) throw Error("'" + key + "' is no number", where, "take an undamaged file");
  return *value;
}

/// Throws unless there are names, one label an example, and an example for each class.
inline void check_classes(const KnownClasses& c, const std::string& where) {
  const auto refuse = [&](const char* what) { throw Error(what, where, "take an undamaged file"); };
  const std::set<Index> seen(c.label.begin(), c.label.end());
  if (c.names.empty() || c.rows.size() != static_cast<Index>(c.label.size())) refuse("labels and examples do not fit");
  if (static_cast<Index>(seen.size()) != c.way() || *seen.begin() != 0 || *seen.rbegin() != c.way() - 1)
    refuse("a class has no example, or a label is no class");
  if (!std::all_of(c.rows.rows.begin(), c.rows.rows.end(), [](float v) { return std::isfinite(v); }))
    refuse("a feature is not a finite number");
  const ScoreCalibration& k = c.calibration;
  if (!(k.scale >= 0 && k.scale <= ScoreCalibration::max_scale) || k.left_out < 0)
    refuse("scale or left_out is out of range");
  for (const std::string& name : c.names)
    if (name == KnownClasses::none_of_these || name == KnownClasses::unreadable) refuse("a class has a reserved name");
  if (std::set<std::string>(c.names.begin(), c.names.end()).size() != c.names.size()) refuse("two classes of one name");
}

}  // namespace detail

/// Writes the classes as a safetensors file: "examples" (N, D), "label" (N), and in the metadata names, scale,
/// threshold ("never" without one), the sum of the net and one of the file. Throws: Error when it cannot be written.
inline void save_classes(const std::filesystem::path& path, const KnownClasses& c) {
  for (const std::string& name : c.names)
    if (as_utf8(name) != name)
      throw Error("the class '" + as_utf8(name) + "' has a name that is not UTF-8", path.string(), "rename its folder");
  SafeTensors file;
  const auto n = static_cast<Index>(c.label.size());
  const std::vector<std::int64_t> label(c.label.begin(), c.label.end());
  file.put("examples", {n, c.rows.dim}, std::span<const float>(c.rows.rows.span()));
  file.put("label", {n}, std::span<const std::int64_t>(label));
  const auto& t = c.calibration.threshold;
  file.metadata = {{"format", detail::classes_format},
                   {"names", to_text(Json(c.names))},
                   {"net", c.net},
                   {"scale", to_text_value(c.calibration.scale)},
                   {"threshold", t ? to_text_value(*t) : "never"},
                   {"left_out", std::to_string(c.calibration.left_out)}};
  file.metadata["checksum"] = content_sum(file, "checksum");
  file.save(path);
}

/// Reads what `save_classes` wrote. Throws: Error naming the file when it is missing, damaged or of another kind.
inline KnownClasses load_classes(const std::filesystem::path& path) {
  const std::string where = path.string();
  const SafeTensors file = SafeTensors::load(path);
  if (detail::classes_entry(file, "format", where) != detail::classes_format)
    throw Error("this is no file of classes, or one of another version", where,
                "make it anew: classify_folder --examples FOLDER --save_classes FILE");
  if (detail::classes_entry(file, "checksum", where) != content_sum(file, "checksum"))
    throw Error("the contents do not match their checksum", where, "take an undamaged copy");
  KnownClasses c;
  c.net = detail::classes_entry(file, "net", where);
  c.calibration.scale = detail::classes_number(file, "scale", where);
  const auto left_out = from_text_value<Index>(detail::classes_entry(file, "left_out", where));
  if (!left_out) throw Error("'left_out' is no number", where, "take an undamaged file");
  c.calibration.left_out = *left_out;
  if (detail::classes_entry(file, "threshold", where) != "never")
    c.calibration.threshold = detail::classes_number(file, "threshold", where);
  const Json names = parse_json(detail::classes_entry(file, "names", where), where + " (names)");
  if (!names.is_array()) throw Error("the names are no list", where, "take an undamaged file");
  for (const Json& name : names) {
    if (!name.is_string()) throw Error("a name is no text", where, "take an undamaged file");
    c.names.push_back(name.get<std::string>());
  }
  const auto shape = file.at("examples").shape;
  if (shape.size() != 2 || shape[1] < 1) throw Error("the examples are no rows", where, "take an undamaged file");
  const auto values = file.values<float>("examples");
  c.rows.dim = shape[1];
  c.rows.rows.resize(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), c.rows.rows.begin());
  const auto label = file.values<std::int64_t>("label");
  c.label.assign(label.begin(), label.end());
  detail::check_classes(c, where);
  return c;
}

}  // namespace sseg
