#pragma once
#include <cuda_runtime_api.h>

#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace cuda_double {

/// One block of a launch.
struct Block {
  dim3 index, grid, threads;
  std::size_t shared_bytes = 0;
};

/// What a launch looks at in one argument.
struct Parameter {
  std::size_t bytes = 0;
  std::size_t alignment = 0;  ///< of what it points at; 0: it is no pointer
  bool writes = false;        ///< it points at what the kernel may change
};

template <class A>
constexpr Parameter parameter_of() {
  if constexpr (std::is_pointer_v<A>)
    return {sizeof(A), alignof(std::remove_pointer_t<A>), !std::is_const_v<std::remove_pointer_t<A>>};
  else
    return {sizeof(A)};
}

/// A kernel written again for the host.
struct KernelTwin {
  std::vector<Parameter> parameters;
  /// Reads the arguments, as cudaLaunchKernel does before it returns; what it gives does one block.
  std::function<std::function<void(const Block&)>(void** arguments)> bind;
};

/// Twins stand in for the kernels of the same name in any library that is loaded. A later one replaces an earlier one.
void register_kernel(std::string symbol, KernelTwin twin);

/// A twin of f(block, arguments…), called for every block, whose kernel has parameters of the types A.
template <class... A, class F>
KernelTwin twin_by_block(F f) {
  return {{parameter_of<A>()...}, [f](void** arguments) -> std::function<void(const Block&)> {
            return [&]<std::size_t... I>(std::index_sequence<I...>) {
              return [f, values = std::tuple<A...>(*static_cast<A*>(arguments[I])...)](const Block& block) {
                std::apply([&](const A&... a) { f(block, a...); }, values);
              };
            }
            (std::index_sequence_for<A...>{});
          }};
}

/// A twin of a plain function f(block, thread, arguments…), called for every thread of a block in turn.
template <class... A>
KernelTwin twin_of(void (*f)(const Block&, dim3, A...)) {
  return twin_by_block<A...>([f](const Block& block, const A&... a) {
    dim3 t(0, 0, 0);
    for (t.z = 0; t.z < block.threads.z; ++t.z)
      for (t.y = 0; t.y < block.threads.y; ++t.y)
        for (t.x = 0; t.x < block.threads.x; ++t.x) f(block, t, a...);
  });
}

}  // namespace cuda_double
