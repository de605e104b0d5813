// expect: this backend keeps maps in a type of its own: end the net with a layer that writes features
#include "sseg/layer/flatten.hpp"
#include "sseg/layer/max_pool.hpp"
#include "sseg/layer/relu.hpp"
#include "sseg/net/chain.hpp"
#include "sseg/net/trace.hpp"

struct Packed {
  static constexpr std::string_view name = "packed";
  using Scalar = float;
  using Map = short;
  using Space = sseg::HostSpace;
  template <class Op>
  bool can(const Op&) {
    return true;
  }
  template <class Op>
  void run(const Op&) {}
};

int main() {
  Packed backend;
  sseg::ParamStore<float> store;
  sseg::Trace<float> trace;
#ifdef SSEG_CONTROL
  const auto net = sseg::chain(sseg::MaxPool(1), sseg::Flatten{});
#else
  const auto net = sseg::chain(sseg::MaxPool(1), sseg::Relu{});
#endif
  trace.forward(backend, net, store, {nullptr, {1, 2, 2, 1}}, sseg::Mode::eval);
}
