#pragma once
#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "sseg/core/buffer.hpp"

namespace sseg {

/// Weights that do not change for a while, in the forms that kernels read: packed, or transformed by Winograd's
/// algorithm. A form is made when it is asked for first, and kept until its weights thaw.
class FrozenWeights {
 public:
  /// While it lives, the weights given to `freeze` must not change. Must not outlive the backend that made it.
  class Hold {
   public:
    Hold() = default;
    Hold(Hold&& other) noexcept : of_(std::exchange(other.of_, nullptr)), weights_(other.weights_) {}
    Hold& operator=(Hold&& other) noexcept {
      std::swap(of_, other.of_);
      std::swap(weights_, other.weights_);
      return *this;
    }
    ~Hold() {
      if (of_) of_->thaw(weights_);
    }

   private:
    friend class FrozenWeights;
    Hold(FrozenWeights* of, std::span<const float> weights) : of_(of), weights_(weights) {}
    FrozenWeights* of_ = nullptr;
    std::span<const float> weights_{};
  };

  /// May be called again for weights that are frozen already: they thaw with the last hold.
  Hold freeze(std::span<const float> weights) {
    held_.push_back(weights);
    return {this, weights};
  }
  bool covers(const float* w) const {
    return std::any_of(held_.begin(), held_.end(), [&](const auto& h) { return holds(h, w); });
  }
  /// What a form is of, and which of its forms.
  struct Key {
    const float* w;
    int kind;
    Index kernel, in_c, out_c;
    bool operator==(const Key&) const = default;
  };
  /// The form `key`, `floats` long, by make(float*) if it is not there yet; null: these weights are not frozen.
  template <class Make>
  const float* form(const Key& key, Index floats, Make&& make) {
    if (!covers(key.w)) return nullptr;
    for (const Form& f : forms_)
      if (f.key == key) return f.data.data();
    Form fresh{key, Buffer<float>(floats)};
    make(fresh.data.data());
    forms_.push_back(std::move(fresh));
    return forms_.back().data.data();
  }
  /// Floats of all forms.
  Index size() const {
    Index n = 0;
    for (const Form& f : forms_) n += f.data.size();
    return n;
  }

 private:
  struct Form {
    Key key;
    Buffer<float> data;
  };
  static bool holds(std::span<const float> range, const float* w) {
    return !range.empty() && w >= range.data() && w < range.data() + range.size();
  }
  void thaw(std::span<const float> weights) {
    held_.erase(std::find_if(held_.begin(), held_.end(),
                             [&](const auto& h) { return h.data() == weights.data() && h.size() == weights.size(); }));
    std::erase_if(forms_, [&](const Form& f) { return !covers(f.key.w); });
  }

  std::vector<std::span<const float>> held_;
  std::vector<Form> forms_;
};

}  // namespace sseg
