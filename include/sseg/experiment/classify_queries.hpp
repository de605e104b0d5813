#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sseg/experiment/folder_classifier.hpp"
#include "sseg/experiment/query_pictures.hpp"

namespace sseg {

/// A picture that was to be classified: its answer, or why it cannot be read.
struct QueryResult {
  std::string path;
  std::optional<PictureAnswer> answer{};
  std::string reason{};
};

/// How many queries there were of each kind.
struct QueryCounts {
  Index known = 0, none_of_these = 0, unreadable = 0;
  Index all() const { return known + none_of_these + unreadable; }
};

namespace detail {

/// Decodes pictures `first` … into the rows of `batch`, on all threads. A reason for each that cannot be read.
template <class B>
std::vector<std::string> read_queries(B& backend, const ClassifierNet& net, const QueryPictures& queries, Index first,
                                      Images& batch) {
  std::vector<std::string> reason(to_size(batch.size()));
  backend.threads().run(batch.size(), [&](Index i) {
    try {
      evaluation_picture(net.config, queries.read(first + i), batch.image(i));
    } catch (const Error& error) {
      reason[to_size(i)] = error.what_happened();
    }
  });
  return reason;
}

}  // namespace detail

/// Classifies the pictures in their order and hands each result to `sink(const QueryResult&)`; holds `batch` of them at
/// a time, which decides nothing else. A picture that cannot be read has a reason instead of an answer. Throws: what
/// the sink throws; Error for one class without a threshold.
template <class B, class Sink>
QueryCounts classify_queries(B& backend, FolderClassifier<B>& classifier, const QueryPictures& queries, Sink&& sink,
                             Index batch = 64) {
  require(batch >= 1, "a batch needs a picture", "classify_queries", "give 1 or more");
  const KnownClasses& known = classifier.classes();
  require(known.way() > 1 || known.calibration.threshold, "with one class and no threshold every picture is of it",
          "classify_queries", "give --threshold, or 5 examples to derive one from, or a second class");
  QueryCounts counts;
  const Shape shape = classifier.net().picture;
  for (Index first = 0; first < queries.size(); first += batch) {
    const Index count = std::min(batch, queries.size() - first);
    Images pictures{"queries", shape, Buffer<float>(count * shape.count()), {}, {}, {}, {}};
    const auto reason = detail::read_queries(backend, classifier.net(), queries, first, pictures);
    std::vector<Index> readable;
    for (Index i = 0; i < count; ++i)
      if (reason[to_size(i)].empty()) readable.push_back(i);
    std::vector<PictureAnswer> answers;
    if (!readable.empty()) answers = classifier.classify(pictures.subset(readable));
    auto next = answers.begin();
    for (Index i = 0; i < count; ++i) {
      QueryResult result{queries.path(first + i), {}, reason[to_size(i)]};
      if (result.reason.empty()) result.answer = *next++;
      ++(!result.answer ? counts.unreadable : result.answer->none_of_these ? counts.none_of_these : counts.known);
      sink(result);
    }
  }
  return counts;
}

}  // namespace sseg
