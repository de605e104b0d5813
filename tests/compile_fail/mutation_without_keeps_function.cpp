// expect: static constexpr bool keeps_function  and a type Edit, and must be a plain value with ==
#include <optional>

#include "sseg/evolve/evolve.hpp"
#include "sseg/layer/linear.hpp"

struct OneMore {
  static constexpr std::string_view name = "one_more";
#ifdef SSEG_CONTROL
  static constexpr bool keeps_function = false;
#endif
  struct Edit {};
  bool operator==(const OneMore&) const = default;

  std::optional<Edit> propose(const sseg::Linear&, const sseg::Signals&, sseg::Rng&) const { return Edit{}; }
  sseg::Linear apply(sseg::Linear net, const Edit&) const { return net; }
  std::string place(const sseg::Linear&, const Edit&) const { return "the layer"; }
  template <class T>
  void carry(const sseg::Linear&, const Edit&, const sseg::ParamStore<T>&, sseg::ParamStore<T>&) const {}
};

int main() {
  sseg::Growing<sseg::Linear, float> growing;
  sseg::mutate(growing, OneMore{}, OneMore::Edit{}, sseg::Rng(1));
}
