#pragma once
#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "sseg/backend/cuda/device_array.hpp"
#include "sseg/backend/cuda/graph_cache.hpp"
#include "sseg/backend/cuda/partners.hpp"
#include "sseg/backend/cuda/staging.hpp"

namespace sseg::cuda {

/// The one way to a device's stream. Work is given at once or, between `gather` and `hand_over`, noted on a tape that
/// goes to the device as a whole: when it is handed over, and before anything that cannot be noted (waiting, copies
/// from and to the host). So the order is the same either way. Messages to other processes run beside the stream; those
/// of a tape begin and end within it.
class WorkQueue {
 public:
  WorkQueue(const Stream& stream, std::shared_ptr<DevicePool> pool, GraphUse use, std::FILE* say)
      : stream_(stream), pool_(std::move(pool)), graphs_(use, say) {}

  /// Notes the call, or makes it.
  template <class... A>
  void give(Tape::Play play, const A&... arguments) {
    if (gathering_) {
      tape_.note(play, arguments...);
    } else {
      once_.clear();
      once_.note(play, arguments...);
      once_.play(stream_);
    }
  }

  /// Where work is noted now; null where it is given at once.
  Tape* noting() { return gathering_ ? &tape_ : nullptr; }

  /// From now on work is noted; what was noted before goes to the device. Goes on where graphs were given up but other
  /// ranks count on an answer.
  void gather() {
    if (graphs_.use() == GraphUse::off || (graphs_.given_up() && partners_ == nullptr)) return;
    if (partners_ != nullptr) partners_->join();
    flush();
    numbers_there_.reserve_at_least(pool_, first_numbers);
    gathering_ = true;
    next_number_ = sent_numbers_ = 0;
  }
  /// Gives what was noted to the device, and all that follows at once. Throws: Error.
  void hand_over() {
    const Stop stop{gathering_};
    flush();
  }
  /// The same without what was noted: after a failure.
  void drop() noexcept {
    gathering_ = false;
    tape_.clear();
  }
  /// Gives what was noted to the device and goes on noting. Throws: Error.
  void flush() {
    if (tape_.empty()) return;
    const Clear clear{tape_};
    if (tape_.messages() == 0) return give_tape(nullptr);
    partners_->join();
    try {
      give_tape(partners_);
    } catch (...) {
      graphs_.forget();  // NCCL ends no communicator that a graph wants
      throw;
    }
  }
  void wait() {
    flush();
    stream_.wait();
  }

  /// Numbers that another step may have otherwise, where gathered work finds them: in memory of the device, which is
  /// filled by one small copy before that work, so that the work itself stays the same. Null where work is not
  /// gathered: then they are arguments.
  const float* changing(std::initializer_list<float> numbers) { return changing({numbers.begin(), numbers.size()}); }
  const float* changing(std::span<const float> numbers) {
    if (!gathering_) return nullptr;
    const std::size_t end = next_number_ + numbers.size();
    if (end > to_size(numbers_there_.size())) {
      flush();
      numbers_there_.reserve_at_least(pool_, static_cast<Index>(2 * end));
      next_number_ = sent_numbers_ = 0;
      return changing(numbers);
    }
    numbers_.resize(end);
    std::copy(numbers.begin(), numbers.end(), numbers_.begin() + static_cast<std::ptrdiff_t>(next_number_));
    return numbers_there_.data() + std::exchange(next_number_, end);
  }

  /// Throws: Error when messages go to somebody already.
  void demand_no_partners() const {
    require(partners_ == nullptr, "the device has a communicator already", "Nccl",
            "give it up before another is made: two at once may wait for each other for ever");
  }
  /// Those to whom messages go from now on. Requires: there were none.
  void work_with(Partners& partners) { partners_ = &partners; }
  /// They go: what was noted for them is dropped.
  void part() noexcept {
    if (tape_.messages() > 0) drop();
    graphs_.forget();
    partners_ = nullptr;
  }

  bool gathering() const { return gathering_; }
  GraphCache& graphs() { return graphs_; }
  const GraphCache& graphs() const { return graphs_; }

 private:
  static constexpr Index first_numbers = 4096;  ///< a step of most nets has fewer

  /// What was refused once is not given again.
  struct Clear {
    Tape& tape;
    ~Clear() { tape.clear(); }
  };
  struct Stop {
    bool& gathering;
    ~Stop() { gathering = false; }
  };
  void give_tape(Partners* partners) {
    send_numbers();
    graphs_.give(stream_, tape_, partners);
  }
  void send_numbers() {
    if (next_number_ == sent_numbers_) return;
    numbers_staging_.upload(stream_, numbers_there_.data() + sent_numbers_, numbers_.data() + sent_numbers_,
                            (next_number_ - sent_numbers_) * sizeof(float));
    sent_numbers_ = next_number_;
  }

  const Stream& stream_;
  std::shared_ptr<DevicePool> pool_;
  GraphCache graphs_;
  Partners* partners_ = nullptr;
  Tape tape_, once_;
  bool gathering_ = false;
  DeviceArray<float> numbers_there_;
  std::vector<float> numbers_;
  std::size_t next_number_ = 0, sent_numbers_ = 0;
  Staging numbers_staging_;
};

}  // namespace sseg::cuda
