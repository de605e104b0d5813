#pragma once
#include <string_view>

#include "sseg/core/error.hpp"

namespace sseg::cuda {

/// Whether the work of a step goes to the device as a CUDA graph. The results have the same bits either way.
enum class GraphUse {
  off,        ///< call by call
  automatic,  ///< as a graph; where that fails, call by call, and it is said once
  on          ///< as a graph; where that fails, an error
};

/// "auto", "on" or "off". Throws: Error for any other word.
inline GraphUse graph_use(std::string_view word) {
  if (word == "auto") return GraphUse::automatic;
  if (word == "on") return GraphUse::on;
  require(word == "off", "there is no such use of CUDA graphs", "cuda_graph", "give auto, on or off");
  return GraphUse::off;
}

}  // namespace sseg::cuda
