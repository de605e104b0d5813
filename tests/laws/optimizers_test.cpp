#include "laws/optimizer_law.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/optim/adamw.hpp"

using namespace sseg;

TEST_CASE("AdamW obeys the optimizer law on both backends") {
  Cpu cpu(2);
  Reference<double> oracle;
  for (const AdamW& adamw : {AdamW{.decay = 0}, AdamW{.beta1 = 0, .beta2 = 0.9f, .eps = 1e-3f, .decay = 0}}) {
    law::obeys_optimizer_law(adamw, cpu);
    law::obeys_optimizer_law(adamw, oracle);
  }
}
