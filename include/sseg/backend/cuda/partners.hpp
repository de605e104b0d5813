#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>

namespace sseg::cuda {

/// The other processes to whom messages go that are among the work of a stream (Nccl), and what they have to agree on.
/// NCCL asks that a message is captured on all ranks or on none, and that the graph which came of one capture is
/// launched on all ranks or on none. What a rank can do with a tape depends on its memory, so ranks ask each other.
class Partners {
 public:
  /// What becomes of a tape. Whoever can do one of these can do those before it.
  enum class Way { play, capture, launch };

  Partners() = default;
  Partners(const Partners&) = delete;
  Partners& operator=(const Partners&) = delete;
  virtual ~Partners() = default;

  /// The way that all ranks go with so many messages, which this one would go `mine`. `graph`: the number of the
  /// capture that its graph came of, 0 where it has none. Waits for the others' hosts, not for a device. Throws: Error.
  virtual Way agree(Way mine, std::uint64_t graph, std::size_t messages) = 0;
  /// Is it so on all ranks? All call it. Throws: Error.
  virtual bool all(bool here) = 0;
  /// What runs beside the stream is waited for by the stream.
  virtual void join() = 0;
  /// give(), which gives a graph with messages to the device, and watches over it. A failure is told to the others.
  /// Throws: Error.
  virtual void watch_over(const std::function<void()>& give) = 0;
  /// The same for play(), which gives messages one by one, among other calls.
  virtual void play(const std::function<void()>& play) = 0;
  /// note(), which has messages captured, so that nothing is sent. Throws: Error.
  virtual void capture(const std::function<void()>& note) = 0;
};

}  // namespace sseg::cuda
