// expect: this backend keeps maps in a type of its own (B::Map): the layer needs
#include "sseg/layer/flatten.hpp"
#include "sseg/net/chain.hpp"
#include "sseg/net/trace.hpp"

struct Same : sseg::NoParams {
  static constexpr std::string_view name = "same";
  static constexpr int in_rank = 4, out_rank = 4;
  bool operator==(const Same&) const = default;
  constexpr sseg::Shape out_shape(sseg::Shape s) const { return s; }
#ifdef SSEG_CONTROL
  template <class B, class X>
  void forward(B&, const sseg::Forward<typename B::Scalar, X>&) const {}
  template <class B, class X>
  void backward(B&, const sseg::Backward<typename B::Scalar, X>&) const {}
#else
  template <class B>
  void forward(B&, const sseg::Forward<typename B::Scalar>&) const {}
  template <class B>
  void backward(B&, const sseg::Backward<typename B::Scalar>&) const {}
#endif
};

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
  trace.forward(backend, sseg::chain(Same{}, sseg::Flatten{}), store, {nullptr, {1, 2, 2, 1}}, sseg::Mode::eval);
}
