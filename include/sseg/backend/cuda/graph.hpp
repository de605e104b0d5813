#pragma once
#include <utility>

#include "sseg/backend/cuda/tape.hpp"

namespace sseg::cuda {

/// A tape as one piece of work (a CUDA graph): the device gets it by one call, and knows what comes next.
class Graph {
 public:
  /// Captures what the tape gives to the stream, which does none of it. Throws: Error when any part of it cannot be
  /// captured; the stream then goes on as before.
  Graph(const Stream& stream, const Tape& tape) {
    const Captured captured(stream, tape);
    check(cudaGraphInstantiate(&graph_, captured.graph, 0), "cudaGraphInstantiate");
  }
  Graph(Graph&& other) noexcept : graph_(std::exchange(other.graph_, nullptr)) {}
  Graph& operator=(Graph&& other) noexcept {
    std::swap(graph_, other.graph_);
    return *this;
  }
  /// What has been launched is finished all the same.
  ~Graph() {
    if (graph_ != nullptr) (void)cudaGraphExecDestroy(graph_);
  }

  /// Gives all of it to a stream. Throws: Error.
  void launch(const Stream& stream) const { check(cudaGraphLaunch(graph_, stream.get()), "cudaGraphLaunch"); }

 private:
  /// Other threads may go on with CUDA meanwhile.
  struct Captured {
    cudaGraph_t graph = nullptr;

    Captured(const Stream& stream, const Tape& tape) {
      check(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
      try {
        tape.play(stream);
      } catch (...) {
        (void)cudaStreamEndCapture(stream.get(), &graph);  // fails, or gives a part of it
        (void)cudaGetLastError();
        destroy();
        throw;
      }
      check(cudaStreamEndCapture(stream.get(), &graph), "cudaStreamEndCapture");
    }
    Captured(const Captured&) = delete;
    Captured& operator=(const Captured&) = delete;
    ~Captured() { destroy(); }
    void destroy() {
      if (graph != nullptr) (void)cudaGraphDestroy(std::exchange(graph, nullptr));
    }
  };

  cudaGraphExec_t graph_ = nullptr;
};

}  // namespace sseg::cuda
