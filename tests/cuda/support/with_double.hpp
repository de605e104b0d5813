#pragma once
#include "cuda/double/control.hpp"
#include "cuda/double/kernels.hpp"
#include "sseg/backend/cuda/host_twin.hpp"

namespace cuda_test {

/// Gives the double the twins of all kernels of the library.
inline void register_library_kernels() {
  sseg::cuda::each_kernel([]<class K>() {
    const auto parameters = []<class... A>(void (sseg::cuda::HostBlock::*)(A...) const) {
      return std::vector<cuda_double::Parameter>{cuda_double::parameter_of<A>()...};
    };
    cuda_double::register_kernel(
        K::symbol, {parameters(K::twin), [](void** arguments) -> std::function<void(const cuda_double::Block&)> {
                      return [bound = sseg::cuda::host_twin(K::symbol, arguments)](const cuda_double::Block& b) {
                        cuda_double::demand(b.threads.x == sseg::cuda::threads_of_block && b.grid.y == 1,
                                            "the kernels know one size of a block, and grids of one dimension");
                        bound({b.index.x, b.grid.x});
                      };
                    }});
  });
}

/// A double with these cards and the library's kernels.
inline void start_double(std::vector<cuda_double::Card> cards = {cuda_double::Card{}}) {
  cuda_double::start(std::move(cards));
  register_library_kernels();
}

/// Complaints and leaks together, the complaints forgotten.
inline std::vector<std::string> double_faults() {
  std::vector<std::string> all = cuda_double::take_complaints();
  for (const std::string& left : cuda_double::leaks()) all.push_back("not given back: " + left);
  return all;
}

}  // namespace cuda_test
