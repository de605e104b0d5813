// expect: a mutation needs  Net apply(const Net&, const Edit&) const  and  std::string place(const Net&
#include <optional>

#include "sseg/evolve/evolve.hpp"
#include "sseg/layer/linear.hpp"

struct OneMore {
  static constexpr std::string_view name = "one_more";
  static constexpr bool keeps_function = false;
  struct Edit {};
  bool operator==(const OneMore&) const = default;

  std::optional<Edit> propose(const sseg::Linear&, const sseg::Signals&, sseg::Rng&) const { return Edit{}; }
  sseg::Linear apply(sseg::Linear net, const Edit&) const { return net; }
#ifdef SSEG_CONTROL
  std::string place(const sseg::Linear&, const Edit&) const { return "the layer"; }
#endif
  template <class T>
  void carry(const sseg::Linear&, const Edit&, const sseg::ParamStore<T>&, sseg::ParamStore<T>&) const {}
};

int main() {
  sseg::Growing<sseg::Linear, float> growing;
  sseg::mutate(growing, OneMore{}, OneMore::Edit{}, sseg::Rng(1));
}
