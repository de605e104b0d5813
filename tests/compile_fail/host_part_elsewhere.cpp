// expect: this part looks into tensors on the host: give it a backend whose arrays lie there
#include "sseg/backend/reference.hpp"
#include "sseg/fewshot/fine_tune_pass.hpp"

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

void tune(const sseg::LastStage<float>& stage, const std::vector<float>& rows) {
  Backend backend;
  sseg::FineTunePass<float> pass(stage, 5);
  pass.cosines(backend, rows);
}
