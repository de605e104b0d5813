// expect: a loss term needs name, scratch(Shape)
#include "sseg/backend/reference.hpp"
#include "sseg/layer/relu.hpp"
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

int main() {
  sseg::Reference<float> backend;
  sseg::ParamStore<float> store;
  sseg::Step<float> step;
  step.run(backend, sseg::Relu{}, store, {}, Zero{});
}
