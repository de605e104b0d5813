// expect: a loss term needs name, scratch(Shape)
#include "sseg/augment/view_set.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/train/step.hpp"

struct Zero {
  static constexpr std::string_view name = "zero";
  bool operator==(const Zero&) const = default;
#ifdef SSEG_CONTROL
  constexpr sseg::Index scratch(sseg::Shape) const { return 0; }
#endif
  template <class B>
  double operator()(B&, const sseg::LossArgs<typename B::Scalar>&) const {
    return 0;
  }
};

using Loss = sseg::Objective<sseg::Term<Zero>>;

void train(sseg::Cpu& backend, const sseg::Learner<sseg::Flatten, Loss::Heads>& net, sseg::ParamStore<float>& store) {
  sseg::Step<float> step;
  sseg::LossMemory<float> memory;
  step.run(backend, net, store, store, sseg::ViewSet::Views{}, Loss{}, memory, {});
}
