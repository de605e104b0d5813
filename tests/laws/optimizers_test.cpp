#include "laws/optimizer_law.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/clip.hpp"
#include "sseg/optim/sgd.hpp"

namespace optimizers_test {

using namespace sseg;

TEST_CASE("AdamW obeys the optimizer law on both backends") {
  Cpu cpu(2);
  Reference<double> oracle;
  for (const AdamW& adamw : {AdamW{.decay = 0}, AdamW{.beta1 = 0, .beta2 = 0.9f, .eps = 1e-3f, .decay = 0}}) {
    law::obeys_optimizer_law(adamw, cpu);
    law::obeys_optimizer_law(adamw, oracle);
  }
}

TEST_CASE("SGD obeys the optimizer law on both backends") {
  Cpu cpu(2);
  Reference<double> oracle;
  for (const Sgd& sgd : {Sgd{.decay = 0}, Sgd{.momentum = 0, .decay = 0}, Sgd{.nesterov = true, .decay = 0}}) {
    law::obeys_optimizer_law(sgd, cpu);
    law::obeys_optimizer_law(sgd, oracle);
  }
}

TEST_CASE("Optimizers that clip obey the optimizer law on both backends") {
  Cpu cpu(2);
  Reference<double> oracle;
  for (const float norm : {0.f, 1.f, 3.f, 1000.f}) {
    law::obeys_optimizer_law(Clipped<Sgd>{{.decay = 0}, {norm}}, cpu);
    law::obeys_optimizer_law(Clipped<AdamW>{{.decay = 0}, {norm}}, cpu);
    law::obeys_optimizer_law(Clipped<AdamW>{{.decay = 0}, {norm}}, oracle);
  }
}

}  // namespace optimizers_test
