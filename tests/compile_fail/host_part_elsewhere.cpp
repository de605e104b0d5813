// expect: this part looks into tensors on the host: give it a backend whose arrays lie there
#include "sseg/backend/reference.hpp"
#include "sseg/curriculum/feature_attack.hpp"
#include "sseg/layer/relu.hpp"

// Its arrays lie elsewhere.
struct Distant : sseg::Reference<float> {
  using Space = sseg::DeviceSpace;
  std::shared_ptr<sseg::Memory> memory() { return {}; }
};

#ifdef SSEG_CONTROL
using Backend = sseg::Reference<float>;
#else
using Backend = Distant;
#endif

int main() {
  Backend backend;
  sseg::FeatureAttack<sseg::Relu, float> attack(sseg::Relu{}, {});
  attack.run(backend, {}, sseg::Rng(1));
}
