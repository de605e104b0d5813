#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "sseg/net/param_store.hpp"

namespace sseg {

/// A convolution kernel whose weights a mask can switch off: w:(kernel,kernel,in,out), out running fastest, so the
/// filter of output channel o is elements o, o + out, o + 2·out, …
struct PrunableTensor {
  std::string key;
  std::string stage;  ///< key of the stage it lies in, "net/0/0/#3"; its own key where it lies in none
  Shape shape;
  Index offset = 0;  ///< into the store's value and gradient
  /// Where γ and β of the batch norm behind it lie; −1 where none follows.
  Index gamma = -1, beta = -1;
  bool operator==(const PrunableTensor&) const = default;

  Index count() const { return shape.count(); }
  Index channels() const { return shape[3]; }
  Index filter_size() const { return count() / channels(); }
};

/// Convolution kernels below `prefix`: parameters that decay, of rank 4. Heads, norms and biases are never masked.
template <class T>
bool is_prunable(const typename ParamStore<T>::Entry& e, std::string_view prefix) {
  return e.is_param() && e.desc.decay && e.desc.shape.rank == 4 && e.desc.key.starts_with(prefix);
}

namespace detail {

/// The key up to its first "#id" behind the prefix: in an EvolvableCnn, the stage.
inline std::string stage_of(const std::string& key, std::string_view prefix) {
  const auto mark = key.find('#', prefix.size());
  return mark == std::string::npos ? key : key.substr(0, key.find('/', mark));
}

/// Key of the layer behind this kernel's in a Chain: ".../0/weight" gives ".../1". Empty when the key has other ends.
inline std::string next_layer(const std::string& key) {
  const auto end = key.rfind('/');
  const auto begin = end == std::string::npos || end == 0 ? end : key.rfind('/', end - 1);
  if (begin == std::string::npos) return {};
  const std::string position = key.substr(begin + 1, end - begin - 1);
  if (position.empty() || position.find_first_not_of("0123456789") != std::string::npos) return {};
  return key.substr(0, begin + 1) + std::to_string(std::stol(position) + 1);
}

template <class T>
void find_norm(const ParamStore<T>& store, PrunableTensor& t) {
  const std::string norm = next_layer(t.key);
  const auto* gamma = store.find(norm + "/gamma");
  const auto* beta = store.find(norm + "/beta");
  if (gamma == nullptr || beta == nullptr || gamma->count() != t.channels()) return;
  t.gamma = gamma->offset;
  t.beta = beta->offset;
}

}  // namespace detail

/// The prunable tensors of a store, in its order.
template <class T>
std::vector<PrunableTensor> prunable_tensors(const ParamStore<T>& store, std::string_view prefix) {
  std::vector<PrunableTensor> list;
  for (const auto& e : store.entries) {
    if (!is_prunable<T>(e, prefix)) continue;
    list.push_back({e.desc.key, detail::stage_of(e.desc.key, prefix), e.desc.shape, e.offset});
    detail::find_norm(store, list.back());
  }
  return list;
}

/// The store's prunable tensors are these, at these places. Does not allocate.
template <class T>
bool same_prunables(const std::vector<PrunableTensor>& list, const ParamStore<T>& store, std::string_view prefix) {
  std::size_t at = 0;
  for (const auto& e : store.entries) {
    if (!is_prunable<T>(e, prefix)) continue;
    if (at == list.size()) return false;
    const PrunableTensor& t = list[at++];
    if (t.offset != e.offset || t.shape != e.desc.shape || t.key != e.desc.key) return false;
  }
  return at == list.size();
}

}  // namespace sseg
