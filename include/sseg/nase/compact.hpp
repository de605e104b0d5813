#pragma once
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/head/entry.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/reseat.hpp"

namespace sseg {

/// A net and its store.
template <class Net, class T>
struct Compacted {
  Net net;
  ParamStore<T> store;
};

namespace detail {

inline std::string compact_stage(Index id) { return "net/0/0/#" + std::to_string(id); }

/// Keys of the convolution blocks of a stage, entry first: ".../0/weight" is the kernel, ".../1/gamma" the norm.
inline std::vector<std::string> blocks_of(const Stack<Stage>::Slot& slot) {
  const std::string at = compact_stage(slot.id);
  std::vector<std::string> keys{at + "/0"};
  for (const auto& block : residuals(slot.block).slots) keys.push_back(at + "/1/#" + std::to_string(block.id) + "/0");
  return keys;
}

/// Channels of a stage that can be other than 0: all but those whose γ and β are 0 in the entry and in every residual
/// block. One at least.
template <class T>
std::vector<Index> live_channels(const ParamStore<T>& store, const Stack<Stage>::Slot& slot) {
  std::vector<Index> live;
  const auto blocks = blocks_of(slot);
  for (Index o = 0; o < width(slot.block); ++o) {
    bool off = true;
    for (const std::string& block : blocks)
      for (const char* part : {"/1/gamma", "/1/beta"})
        off = off && store.values(store.at(block + part))[to_size(o)] == T{};
    if (!off) live.push_back(o);
  }
  if (live.empty()) live.push_back(0);
  return live;
}

/// Which old positions of an axis stay; null: all.
using Axes = std::array<const std::vector<Index>*, Shape::max_rank>;

/// fresh[i, j, …] = old[axis₀[i], axis₁[j], …] for the entry `key`.
template <class T>
void select(const ParamStore<T>& old, ParamStore<T>& fresh, const std::string& key, const Axes& axes) {
  const auto& from = old.at(key);
  const auto& to = fresh.at(key);
  const auto source = old.values(from);
  const auto target = fresh.values(to);
  for (Index element = 0; element < to.count(); ++element) {
    Index rest = element, stride = 1, at = 0;
    for (int d = to.desc.shape.rank - 1; d >= 0; --d) {
      const Index i = rest % to.desc.shape[d];
      rest /= to.desc.shape[d];
      const auto* axis = axes[static_cast<std::size_t>(d)];
      at += (axis != nullptr ? (*axis)[to_size(i)] : i) * stride;
      stride *= from.desc.shape[d];
    }
    target[to_size(element)] = source[to_size(at)];
  }
}

template <class T>
void select_stage(const ParamStore<T>& old, ParamStore<T>& fresh, const Stack<Stage>::Slot& slot,
                  const std::vector<Index>* read, const std::vector<Index>& made) {
  for (const std::string& block : blocks_of(slot)) {
    select(old, fresh, block + "/0/weight", {nullptr, nullptr, read, &made});
    for (const char* part : {"/1/gamma", "/1/beta", "/1/running_mean", "/1/running_var"})
      select(old, fresh, block + part, {&made});
    read = &made;
  }
}

/// `live` at every position of a flattened map: position-major, as Flatten writes it.
inline std::vector<Index> repeated(const std::vector<Index>& live, Index width, Index positions) {
  std::vector<Index> all;
  for (Index p = 0; p < positions; ++p)
    for (const Index o : live) all.push_back(p * width + o);
  return all;
}

}  // namespace detail

/// The net without the channels that are always 0, with the same outputs in evaluation mode: what the positive path of
/// a router with unit "channel" is worth as a net of its own, in memory and multiply-adds. `store` is that path's
/// store. A stream channel goes when γ and β are 0 for it at the stage's entry and in all its residual blocks: its
/// filters, what reads it in the stage's residual kernels and in the next stage's entry, and the heads' inputs from it
/// at every position. Nothing else changes; a net that has no such channel comes back as it is. Moments are not
/// carried. `Head` is what `for_each_entry` knows: a Chain that begins with a Linear, or several.
template <class Readout, class Head, class T>
Compacted<Chain<EvolvableCnn<Readout>, Head>, T> compact(const Chain<EvolvableCnn<Readout>, Head>& net,
                                                         const ParamStore<T>& store) {
  Compacted<Chain<EvolvableCnn<Readout>, Head>, T> result{net, {}};
  auto& small = stages(std::get<0>(result.net.layers));
  require(small.size() > 0, "a net without stages has no channels", "compact", "give it a stage");
  std::vector<std::vector<Index>> live;
  for (const auto& slot : stages(std::get<0>(net.layers)).slots) {
    const Index s = static_cast<Index>(live.size());
    live.push_back(detail::live_channels(store, slot));
    set_width(small[s], static_cast<Index>(live.back().size()));
    if (s > 0) entry_conv(small[s]).in = static_cast<Index>(live[to_size(s - 1)].size());
  }
  const Index last = width(stages(std::get<0>(net.layers)).slots.back().block);
  for_each_entry(std::get<1>(result.net.layers), std::string("net/1"), [&](Linear& entry, const std::string&) {
    entry.in = entry.in / last * static_cast<Index>(live.back().size());
  });

  result.store = reseat(store, result.net, 0, Rng());
  for (std::size_t s = 0; s < live.size(); ++s)
    detail::select_stage(store, result.store, stages(std::get<0>(net.layers)).slots[s], s > 0 ? &live[s - 1] : nullptr,
                         live[s]);
  Head heads = std::get<1>(net.layers);
  for_each_entry(heads, std::string("net/1"), [&](const Linear& entry, const std::string& key) {
    const auto columns = detail::repeated(live.back(), last, entry.in / last);
    detail::select(store, result.store, key + "/weight", {nullptr, &columns});
  });
  return result;
}

}  // namespace sseg
