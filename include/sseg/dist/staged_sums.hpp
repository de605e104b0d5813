#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "sseg/concepts/backend.hpp"
#include "sseg/core/shape.hpp"

namespace sseg {

/// Sums over ranks, of what lies where backend B keeps its arrays, that go over the host while the backend goes on
/// working: each is brought when it is complete, sent by the communicator from there, and at the end all go back. As
/// the order of the sums is the same on all ranks, it does not matter when each of them arrives.
template <class B, class C>
class StagedSums {
  static_assert(BringsLater<B>);

 public:
  using T = typename B::Scalar;

  /// Keeps references to both.
  StagedSums(B& backend, C& communicator) : backend_(&backend), communicator_(&communicator) {}

  /// x ← Σ_r x of rank r, until `end_sums`; nobody may touch x meanwhile.
  void begin_sum(std::span<T> x) {
    if (x.empty()) return;
    if (begun_ == parts_.size()) parts_.push_back(std::make_unique<Part>());
    Part& part = *parts_[begun_++];
    part.x = x;
    part.count = x.size();
    backend_->bring_later(part.here, x.data(), static_cast<Index>(x.size()));
    progress_sums();
  }
  /// Sends what has arrived from the backend.
  void progress_sums() {
    while (sent_ < begun_ && parts_[sent_]->here.arrived()) send_next();
    communicator_->progress_sums();
  }
  /// Returns when the backend may go on with all sums.
  void end_sums() {
    while (sent_ < begun_) {
      parts_[sent_]->here.wait();
      progress_sums();
    }
    communicator_->end_sums();
    for (std::size_t i = 0; i < begun_; ++i)
      if (!parts_[i]->x.empty())
        backend_->take_back(parts_[i]->here, parts_[i]->x.data(), static_cast<Index>(parts_[i]->x.size()));
    begun_ = sent_ = 0;
  }

  /// The pass has failed: what is under way goes nowhere. Its place here stays until the next sums end.
  void abandon() noexcept {
    for (std::size_t i = 0; i < begun_; ++i) parts_[i]->x = {};
  }

 private:
  struct Part {
    std::span<T> x;         ///< where the sum goes; empty: nowhere
    std::size_t count = 0;  ///< of what is sent
    typename B::Later here;
  };
  void send_next() {
    Part& part = *parts_[sent_++];
    communicator_->begin_sum(std::span<T>(static_cast<T*>(part.here.data()), part.count));
  }

  B* backend_;
  C* communicator_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::size_t begun_ = 0, sent_ = 0;  ///< of parts_, in their order
};

}  // namespace sseg
