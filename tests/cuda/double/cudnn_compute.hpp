#pragma once
#include <map>
#include <memory>
#include <vector>

#include "cuda/double/cudnn_graph.hpp"

namespace cuda_double {

/// A graph with the addresses of its tensors: what runs when its turn in the stream comes.
struct Computation {
  std::vector<Node> nodes;
  std::map<std::int64_t, void*> at;
  bool tf32 = false;

  void run() const;
};

}  // namespace cuda_double
