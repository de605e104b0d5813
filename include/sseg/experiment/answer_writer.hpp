#pragma once
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/experiment/classify_queries.hpp"
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/json.hpp"
#include "sseg/report/csv.hpp"

namespace sseg {

namespace detail {

inline std::string four_places(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", v);
  return text;
}
/// Bytes that are not UTF-8 as U+FFFD: a path may hold any.
inline std::string json_text(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace detail

/// Writes one row a picture:
///   path                  as `QueryPictures` names it
///   label                 a class, "none of these" or "unreadable"
///   confidence            of the label, 0 to 1; empty (JSON: null) for these two
///   runner_up             the second best class; for "none of these" the one that came nearest
///   runner_up_confidence  of that
///   score                 similarity to the nearest class, −1 to 1
///   reason                why it is unreadable
/// CSV with a header, or JSON: {"classes": …, "protocol": …, "scale": …, "threshold": …, "answers": [ … ]}. Standard
/// output gets each row as it is known, a file everything at the end or nothing.
template <class Classifier>
class AnswerWriter {
 public:
  /// `output`: "-" is standard output. Throws: Error for another format than csv and json, and
  /// for a file in a folder that does not exist.
  AnswerWriter(const Classifier& classifier, const std::string& format, std::filesystem::path output)
      : classifier_(&classifier), json_(format == "json"), output_(std::move(output)) {
    if (format != "csv" && format != "json")
      throw Error("there is no format '" + format + "'", "--format", "give csv or json");
    const auto folder = output_.has_parent_path() ? output_.parent_path() : std::filesystem::path(".");
    if (output_ != "-" && (!std::filesystem::is_directory(folder) || std::filesystem::is_directory(output_)))
      throw Error("the answers cannot be written there", output_.string(), "name a file in a folder that exists");
    if (json_)
      put(json_head());
    else
      put("path,label,confidence,runner_up,runner_up_confidence,score,reason\n");
  }

  /// Throws: Error when it cannot be written.
  void add(const QueryResult& r) {
    const std::vector<std::string> cells = json_ ? json_cells(r) : csv_cells(r);
    std::string row;
    for (const std::string& c : cells) row += (row.empty() ? "" : json_ ? ", " : ",") + c;
    if (!json_) return put(row + "\n");
    put((first_ ? "\n  {" : ",\n  {") + row + "}");
    first_ = false;
  }
  /// Throws: Error when it cannot be written.
  void finish() {
    if (json_) put("\n]}\n");
    if (output_ != "-") return write_file_atomically(output_, text_);
    if (std::fflush(stdout) != 0) fail();
  }

 private:
  std::string json_head() const {
    const KnownClasses& c = classifier_->classes();
    const auto& t = c.calibration.threshold;
    return "{\"classes\": " + Json(c.names).dump(-1, ' ', false, Json::error_handler_t::replace) +
           ",\n\"protocol\": " + to_text(Json(classifier_->net().protocol())) +
           ",\n\"scale\": " + to_text(Json(c.calibration.scale)) +
           ",\n\"threshold\": " + (t ? to_text(Json(*t)) : "null") + ",\n\"answers\": [";
  }
  const std::string& name_of(Index k) const { return classifier_->classes().names[to_size(k)]; }
  std::vector<std::string> csv_cells(const QueryResult& r) const {
    const std::string path = csv_field(r.path);
    if (!r.answer) return {path, std::string(Classifier::unreadable), "", "", "", "", csv_field(r.reason)};
    const PictureAnswer& a = *r.answer;
    const auto name = [&](Index k) { return csv_field(name_of(k)); };
    const std::string score = detail::four_places(static_cast<double>(a.score));
    if (a.none_of_these)
      return {
          path, std::string(Classifier::none_of_these), "", name(a.nearest), detail::four_places(a.confidence), score,
          ""};
    return {path,
            name(a.nearest),
            detail::four_places(a.confidence),
            a.runner_up < 0 ? "" : name(a.runner_up),
            a.runner_up < 0 ? "" : detail::four_places(a.runner_up_confidence),
            score,
            ""};
  }
  std::vector<std::string> json_cells(const QueryResult& r) const {
    const auto field = [](const char* key, const std::string& value) {
      return "\"" + std::string(key) + "\": " + value;
    };
    const std::string path = field("path", detail::json_text(r.path));
    if (!r.answer) return {path, field("label", "\"unreadable\""), field("reason", detail::json_text(r.reason))};
    const PictureAnswer& a = *r.answer;
    const Index second = a.none_of_these ? a.nearest : a.runner_up;
    const double confidence = a.none_of_these ? a.confidence : a.runner_up_confidence;
    return {path,
            field("label", detail::json_text(classifier_->label(a))),
            field("confidence", a.none_of_these ? "null" : detail::four_places(a.confidence)),
            field("runner_up", second < 0 ? "null" : detail::json_text(name_of(second))),
            field("runner_up_confidence", second < 0 ? "null" : detail::four_places(confidence)),
            field("score", detail::four_places(static_cast<double>(a.score)))};
  }
  void put(const std::string& text) {
    if (output_ != "-")
      text_ += text;
    else if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
      fail();
  }
  [[noreturn]] static void fail() {
    throw Error(std::string("cannot write the answers: ") + std::strerror(errno), "standard output",
                "free disk space, or name a file by --output");
  }

  const Classifier* classifier_;
  bool json_, first_ = true;
  std::filesystem::path output_;
  std::string text_;
};

}  // namespace sseg
