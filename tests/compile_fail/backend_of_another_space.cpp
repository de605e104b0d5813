// expect: this backend keeps its tensors elsewhere than on the host (B::Space): it needs
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

#ifdef SSEG_CONTROL
using Elsewhere = sseg::HostSpace;
#else
struct Elsewhere {};
#endif

struct Distant {
  static constexpr std::string_view name = "distant";
  using Scalar = float;
  using Space = Elsewhere;
};

int main() {
  Distant backend;
  sseg::ParamStore<float> store;
  sseg::Trace<float> trace;
  trace.forward(backend, Identity{}, store, {}, sseg::Mode::eval);
}
