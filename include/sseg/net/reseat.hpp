#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "sseg/net/param_store.hpp"

namespace sseg {

namespace detail {

/// A store laid out for the descriptions, everything zero.
template <class T>
ParamStore<T> lay_out(std::vector<ParamDesc> wanted, Index moments) {
  ParamStore<T> store;
  Index params = 0, states = 0;
  for (ParamDesc& d : wanted) {
    Index& end = d.role == Role::param ? params : states;
    const Index count = d.shape.count();
    store.entries.push_back({std::move(d), end, 0, {}, {}});
    end += count;
  }
  store.value.resize(params);
  store.grad.resize(params);
  store.state.resize(states);
  store.moment.assign(to_size(moments), Buffer<T>(params));
  return store;
}

template <class T>
void copy_entry(const ParamStore<T>& from, const typename ParamStore<T>::Entry& old, ParamStore<T>& to,
                typename ParamStore<T>::Entry& fresh) {
  std::copy_n(from.values(old).data(), old.count(), to.values(fresh).data());
  if (!old.is_param()) return;
  for (std::size_t m = 0; m < std::min(from.moment.size(), to.moment.size()); ++m)
    std::copy_n(from.moment[m].data() + old.offset, old.count(), to.moment[m].data() + fresh.offset);
  fresh.step = old.step;
  fresh.cohort = old.cohort;
  fresh.cohort_start = old.cohort_start;
}

}  // namespace detail

/// Lays the store out for `net` and carries over by key every entry whose shape is unchanged: value or state, moments,
/// step count, bit for bit. Every other entry is initialised from `rng` and its own key, with zero moments and step 0;
/// a mutation's `carry` then fills what it resized.
template <class T, class Net>
ParamStore<T> reseat(const ParamStore<T>& old, const Net& net, Index moments, const Rng& rng) {
  std::vector<ParamDesc> wanted;
  net.describe_params("net", wanted);
  ParamStore<T> store = detail::lay_out<T>(std::move(wanted), moments);
  for (auto& fresh : store.entries) {
    const auto* before = old.find(fresh.desc.key);
    if (before != nullptr && before->desc.shape == fresh.desc.shape)
      detail::copy_entry(old, *before, store, fresh);
    else
      initialize(store, fresh, rng);
  }
  return store;
}

/// A freshly initialised store for `net`.
template <class T, class Net>
ParamStore<T> make_store(const Net& net, Index moments, const Rng& rng) {
  return reseat(ParamStore<T>{}, net, moments, rng);
}

}  // namespace sseg
