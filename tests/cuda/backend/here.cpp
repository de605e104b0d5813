// The shared tests under the double.
#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"

namespace cuda_test {

std::string why_not_here() {
  start_double();
  return {};
}
std::vector<std::string> faults() { return double_faults(); }

}  // namespace cuda_test
