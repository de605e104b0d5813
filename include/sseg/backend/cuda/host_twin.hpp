#pragma once
#include <cstddef>
#include <functional>
#include <string_view>
#include <tuple>
#include <utility>

#include "sseg/backend/cuda/kernel_list.hpp"

namespace sseg::cuda {

/// A launch bound to its arguments: run(block) does one block of it.
using BoundTwin = std::function<void(const HostBlock&)>;

namespace detail {

template <class... A>
BoundTwin bind_twin(void (HostBlock::*kernel)(A...) const, void** arguments) {
  return [&]<std::size_t... I>(std::index_sequence<I...>)->BoundTwin {
    const std::tuple<A...> values(*static_cast<A*>(arguments[I])...);
    return
        [kernel, values](const HostBlock& block) { std::apply([&](const A&... a) { (block.*kernel)(a...); }, values); };
  }
  (std::index_sequence_for<A...>{});
}

}  // namespace detail

/// The host twin of the kernel `symbol` ("sseg_add"), its arguments copied from where cudaLaunchKernel finds them;
/// empty when there is no such kernel.
inline BoundTwin host_twin(std::string_view symbol, void** arguments) {
  BoundTwin bound;
  each_kernel([&]<class K>() {
    if (symbol == K::symbol) bound = detail::bind_twin(K::twin, arguments);
  });
  return bound;
}

/// Runs kernel K on the host, on host memory, in so many blocks.
template <class K, class... A>
void run_on_host(long long blocks, A... arguments) {
  for (long long i = 0; i < blocks; ++i) (HostBlock{i, blocks}.*K::twin)(arguments...);
}

}  // namespace sseg::cuda
