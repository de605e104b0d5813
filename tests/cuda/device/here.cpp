// The shared tests on a card.
#include "cuda/support/on_device.hpp"

namespace cuda_test {

std::string why_not_here() {
  const auto probe = sseg::cuda::DeviceProbe::ask();
  return probe ? "" : probe.reason;
}
std::vector<std::string> faults() { return {}; }

}  // namespace cuda_test
