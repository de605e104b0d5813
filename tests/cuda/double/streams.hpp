#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cuda/double/memory.hpp"

namespace cuda_double {

class Stream;

/// A place in a stream's work: done when everything before it has run.
struct Mark {
  Stream* stream = nullptr;
  bool done = false;
  std::chrono::steady_clock::time_point when;
};
using MarkPtr = std::shared_ptr<Mark>;

struct Item {
  std::string what;  ///< the function that gave the work
  std::function<void()> work;
  std::vector<MarkPtr> after;  ///< of other streams
  MarkPtr mark;
};

/// Called when work is queued, at each launch of a graph anew: what is to run on the stream.
using GiveWork = std::function<std::function<void()>(Stream&)>;

/// One piece of a graph.
struct GraphNode {
  std::string what;
  GiveWork give;
  std::size_t branch = 0;          ///< which of the captured streams; they are one after another
  std::vector<std::size_t> after;  ///< nodes of other branches
  std::shared_ptr<void> holds;     ///< what somebody keeps for the graph
};
/// Captured work, in the order of the calls.
using CapturedGraph = std::vector<GraphNode>;

/// The work recorded between cudaStreamBeginCapture and cudaStreamEndCapture.
struct Capture {
  CapturedGraph nodes;
  std::vector<Stream*> joined;                   ///< by branch
  std::vector<std::optional<std::size_t>> last;  ///< of each branch
  std::set<const void*> in_progress;             ///< who has not given all of its work yet
  std::thread::id began_by{};
  bool everywhere = true;  ///< calls that may wait are forbidden to all threads, not only to this one
  bool broken = false;     ///< by a call that is forbidden meanwhile: it has no graph
  bool unjoined = false;   ///< at its end, a stream that had joined was not waited for
};

class Stream {
 public:
  Stream(int device_of_it, bool waits_for_default) : device(device_of_it), blocking(waits_for_default) {}
  const int device;
  const bool blocking;  ///< ordered with the default stream
  std::deque<Item> queue;
  MarkPtr tail;
  std::shared_ptr<Capture> capture;
};

struct Event {
  bool timing = true;
  MarkPtr mark;                      ///< null: never recorded
  std::shared_ptr<Capture> capture;  ///< recorded while its stream was captured
  std::size_t node = 0;              ///< there
};

/// When queued work runs. Both are allowed by CUDA: a program that lacks a synchronisation shows under one of them.
enum class Schedule { late, early };  // at the synchronisation that needs it, or at once

/// All streams: work runs in the order of its stream, and after the events it waits for.
class Streams {
 public:
  explicit Streams(Memory& memory) : memory_(memory) {}

  Stream* create(int device, bool blocking);
  /// Finishes the stream's work first.
  void destroy(Stream* stream);
  bool alive(const Stream* stream) const;
  Stream& default_of(int device);

  /// Queues work, or records it when the stream is captured.
  MarkPtr push(Stream& stream, std::string what, std::function<void()> work, std::vector<MarkPtr> after = {});
  /// The same with work that is made when it is queued, at each launch of a graph anew.
  MarkPtr push_given(Stream& stream, std::string what, GiveWork give, std::shared_ptr<void> holds = nullptr);
  /// Queues a graph's work, each branch in a stream of its own.
  void launch(Stream& stream, const CapturedGraph& graph);
  void record(Event& event, Stream& stream);
  void wait(Stream& stream, const Event& event);

  void finish(const MarkPtr& mark);
  void finish(Stream& stream);
  void finish_device(int device);
  /// All queued work is lost, as when a device fails.
  void drop_all();

  /// `everywhere`: of cudaStreamCaptureModeGlobal; else of ThreadLocal.
  void begin_capture(Stream& stream, bool everywhere);
  /// The stream is captured no longer, whatever the capture has come to.
  std::shared_ptr<Capture> end_capture(Stream& stream);
  /// Throws: Misuse where a capture forbids this thread what may wait or allocate; that capture is then broken.
  void demand_no_capture(const std::string& otherwise);
  static void demand_no_capture(const Stream& stream, const std::string& otherwise);

  Schedule schedule = Schedule::late;
  /// What went wrong in work that ran: CUDA would report it at a later call.
  std::vector<std::string> run_errors;
  const std::list<Stream>& live() const { return streams_; }

 private:
  void run_front(Stream& stream);
  MarkPtr queue(Stream& stream, std::string what, std::function<void()> work, std::vector<MarkPtr> after);
  Stream& branch_of(int device, std::size_t branch);

  Memory& memory_;
  std::list<Stream> streams_, defaults_;
  std::map<std::pair<int, std::size_t>, Stream> branches_;  ///< of graphs
};

}  // namespace cuda_double
