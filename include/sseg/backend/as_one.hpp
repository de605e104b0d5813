#pragma once
#include "sseg/concepts/backend.hpp"

namespace sseg {

/// While it lives, a backend that can (GathersWork) takes the operations it is given as one piece of work: it may hold
/// them back until `done`. Other backends are told nothing. Work that has come before in the same order and on the same
/// memory costs it least. Without `done`, as after an error, what was held back is dropped.
template <class B>
class AsOne {
 public:
  explicit AsOne(B& backend) : backend_(backend) {
    if constexpr (GathersWork<B>) backend_.gather();
  }
  AsOne(const AsOne&) = delete;
  AsOne& operator=(const AsOne&) = delete;
  ~AsOne() {
    if constexpr (GathersWork<B>)
      if (!done_) backend_.drop();
  }

  /// What comes now is done by itself again. Throws: Error, as the operations would have.
  void done() {
    done_ = true;
    if constexpr (GathersWork<B>) backend_.hand_over();
  }

 private:
  B& backend_;
  bool done_ = false;
};

}  // namespace sseg
