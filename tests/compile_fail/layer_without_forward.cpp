// expect: this layer needs  void forward(B& backend, const Forward<typename B::Scalar>&) const
#include "sseg/backend/reference.hpp"
#include "sseg/layer/no_params.hpp"

struct Identity : sseg::NoParams {
  static constexpr std::string_view name = "identity";
  bool operator==(const Identity&) const = default;
#ifdef SSEG_CONTROL
  template <class B>
  void forward(B&, const sseg::Forward<typename B::Scalar>&) const {}
#endif
  template <class B>
  void backward(B&, const sseg::Backward<typename B::Scalar>&) const {}
};

int main() {
  using Oracle = sseg::Reference<double>;
  return sseg::CheckRuns<Identity, Oracle>::ok ? 0 : 1;
}
