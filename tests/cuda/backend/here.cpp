// The shared tests under the double. SSEG_CUDA_DOUBLE=otherwise in the environment: work runs at once instead of as
// late as possible, and threads and blocks in the opposite order.
#include <cstdlib>
#include <string_view>

#include "cuda/support/backwards_block.hpp"
#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"

namespace cuda_test {

std::string why_not_here() {
  start_double();
  const char* const wanted = std::getenv("SSEG_CUDA_DOUBLE");
  if (wanted != nullptr && std::string_view(wanted) == "otherwise") {
    cuda_double::set_schedule(cuda_double::Schedule::early);
    register_backwards_kernels();
  }
  return {};
}
std::vector<std::string> faults() { return double_faults(); }

}  // namespace cuda_test
