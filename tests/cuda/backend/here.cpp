// The shared tests under the double. SSEG_CUDA_DOUBLE_SCHEDULE=early in the environment: work runs at once.
#include <cstdlib>
#include <string_view>

#include "cuda/support/on_device.hpp"
#include "cuda/support/with_double.hpp"

namespace cuda_test {

std::string why_not_here() {
  start_double();
  const char* const schedule = std::getenv("SSEG_CUDA_DOUBLE_SCHEDULE");
  if (schedule != nullptr && std::string_view(schedule) == "early")
    cuda_double::set_schedule(cuda_double::Schedule::early);
  return {};
}
std::vector<std::string> faults() { return double_faults(); }

}  // namespace cuda_test
