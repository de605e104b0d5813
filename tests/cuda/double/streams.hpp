#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
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

/// The work recorded between cudaStreamBeginCapture and cudaStreamEndCapture. The order of the calls is one that the
/// captured graph allows.
struct Capture {
  std::vector<Item> items;
  std::vector<Stream*> joined;
  std::thread::id began_by{};
  bool everywhere = true;  ///< calls that may wait are forbidden to all threads, not only to this one
  bool broken = false;     ///< by a call that is forbidden meanwhile: it has no graph
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

  Memory& memory_;
  std::list<Stream> streams_, defaults_;
};

}  // namespace cuda_double
