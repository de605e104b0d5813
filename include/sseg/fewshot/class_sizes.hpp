#pragma once
#include <algorithm>
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "sseg/core/error.hpp"

namespace sseg {

/// How many support images each class has, at least 1. `where` names the protocol in messages.
/// Throws: Error when a row lacks its label, a label is not in 0 … way − 1, a class has no image, or queries and
/// support are not features of one length.
inline std::vector<Index> class_sizes(const FewShotTask& task, const char* where) {
  require(static_cast<Index>(task.label.size()) == task.support.shape[0], "labels and support differ in number", where,
          "give every support image its class");
  require(task.query.shape[1] == task.support.shape[1], "queries and support are features of different lengths", where,
          "compute both with the same net");
  std::vector<Index> count(to_size(task.way), 0);
  for (const Index k : task.label) {
    require(k >= 0 && k < task.way, "a label is not one of the classes", where, "give labels 0 to way - 1");
    ++count[to_size(k)];
  }
  require(std::find(count.begin(), count.end(), 0) == count.end(), "a class has no support image", where,
          "give every class at least one");
  return count;
}

}  // namespace sseg
