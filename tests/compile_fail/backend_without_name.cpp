// expect: a backend needs  static constexpr std::string_view name,  Scalar  and  Space
#include "sseg/layer/no_params.hpp"
#include "sseg/net/trace.hpp"

struct Identity : sseg::NoParams {
  static constexpr std::string_view name = "identity";
  bool operator==(const Identity&) const = default;
  constexpr sseg::Shape out_shape(sseg::Shape s) const { return s; }
  template <class B>
  void forward(B&, const sseg::Forward<typename B::Scalar>&) const {}
  template <class B>
  void backward(B&, const sseg::Backward<typename B::Scalar>&) const {}
};

struct Nameless {
#ifdef SSEG_CONTROL
  static constexpr std::string_view name = "nameless";
#endif
  using Scalar = float;
  using Space = sseg::HostSpace;
};

int main() {
  Nameless backend;
  sseg::ParamStore<float> store;
  sseg::Trace<float> trace;
  trace.forward(backend, Identity{}, store, {}, sseg::Mode::eval);
}
