// expect: a mutation needs  void carry(const Net& old_net, const Edit&, const ParamStore<T>& old
#include <optional>

#include "sseg/evolve/evolve.hpp"
#include "sseg/layer/linear.hpp"

// Makes a linear layer one output larger.
struct OneMore {
  static constexpr std::string_view name = "one_more";
  static constexpr bool keeps_function = false;
  struct Edit {};
  bool operator==(const OneMore&) const = default;

  std::optional<Edit> propose(const sseg::Linear&, const sseg::Signals&, sseg::Rng&) const { return Edit{}; }
  sseg::Linear apply(sseg::Linear net, const Edit&) const {
    ++net.out;
    return net;
  }
  std::string place(const sseg::Linear&, const Edit&) const { return "the layer"; }
#ifdef SSEG_CONTROL
  template <class T>
  void carry(const sseg::Linear&, const Edit&, const sseg::ParamStore<T>&, sseg::ParamStore<T>&) const {}
#endif
};

int main() {
  sseg::Growing<sseg::Linear, float> growing;
  sseg::mutate(growing, OneMore{}, OneMore::Edit{}, sseg::Rng(1));
}
