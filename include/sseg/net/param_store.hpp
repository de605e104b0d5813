#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/concepts/layer.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"

namespace sseg {

/// All parameters of a net in one flat aligned buffer per role (value, gradient, each optimizer moment), all state in
/// another. Entries hold keys and offsets, never pointers. The only way to another layout is `reseat`.
template <class T>
struct ParamStore {
  struct Entry {
    ParamDesc desc;
    Index offset = 0;  ///< into value, grad and moments, or into state
    Index step = 0;    ///< optimizer updates so far
    /// Where elements joined the tensor at different times (widening): each element's cohort, and how many updates the
    /// tensor had seen when the cohort joined. Empty: one cohort, there from the start.
    std::vector<std::uint8_t> cohort;
    std::vector<Index> cohort_start;

    Index count() const { return desc.shape.count(); }
    bool is_param() const { return desc.role == Role::param; }
  };

  std::vector<Entry> entries;
  Buffer<T> value, grad, state;
  std::vector<Buffer<T>> moment;
  /// Where a device skips updates by itself: one number there, how many `Entry::step` counts that were. Else empty.
  Buffer<T> missed;

  const Entry* find(std::string_view key) const {
    for (const Entry& e : entries)
      if (e.desc.key == key) return &e;
    return nullptr;
  }
  /// Throws: Error when there is no such entry.
  const Entry& at(std::string_view key) const {
    if (const Entry* e = find(key)) return *e;
    throw Error("no parameter '" + std::string(key) + "'", "ParamStore::at",
                "list the keys of the net with describe_params; ids of blocks never change");
  }
  Entry& at(std::string_view key) { return const_cast<Entry&>(std::as_const(*this).at(key)); }

  /// The entry's elements in `value` or `state`.
  std::span<T> values(const Entry& e) {
    return (e.is_param() ? value : state).span().subspan(to_size(e.offset), to_size(e.count()));
  }
  std::span<const T> values(const Entry& e) const {
    return (e.is_param() ? value : state).span().subspan(to_size(e.offset), to_size(e.count()));
  }
  std::span<const T> gradient(const Entry& e) const {
    return grad.span().subspan(to_size(e.offset), to_size(e.count()));
  }

  void zero_grad() { grad.resize(grad.size()); }

  /// Brings everything to where a backend's arrays lie (`memory_of`), or back to the host (null). While it is away, the
  /// host may not touch values, gradients, moments and state; entries stay. What was skipped there is taken out of
  /// `Entry::step`.
  void move_to(const std::shared_ptr<Memory>& memory) {
    if (missed.size() > 0 && memory != missed.memory()) forget_missed();
    for (Buffer<T>* b : {&value, &grad, &state}) b->move_to(memory);
    for (Buffer<T>& m : moment) m.move_to(memory);
  }

 private:
  void forget_missed() {
    T count{};
    missed.download({&count, 1});
    for (Entry& e : entries) e.step -= e.is_param() ? static_cast<Index>(count) : 0;
    missed = {};
  }
};

/// Fills one entry as its description says. The draw depends on the stream and the key alone, not on its neighbours.
template <class T>
void initialize(ParamStore<T>& store, const typename ParamStore<T>::Entry& e, const Rng& rng) {
  Rng draw = rng.split(e.desc.key);
  for (T& v : store.values(e))
    v = static_cast<T>(e.desc.init.kind == Init::Kind::normal ? e.desc.init.scale * draw.normal() : e.desc.init.scale);
}

}  // namespace sseg
