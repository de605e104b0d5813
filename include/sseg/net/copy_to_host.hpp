#pragma once
#include "sseg/net/param_store.hpp"

namespace sseg {

/// Values and gradients of a store, brought to the host, where `here` gets its layout. Moments and state are left out.
template <class T>
void copy_to_host(const ParamStore<T>& store, ParamStore<T>& here) {
  here.entries = store.entries;
  here.value.resize(store.value.size());
  here.grad.resize(store.grad.size());
  store.value.download(here.value.span());
  store.grad.download(here.grad.span());
}

}  // namespace sseg
