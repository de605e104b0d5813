// expect: this layer needs  static constexpr std::string_view name
#include "sseg/layer/relu.hpp"
#include "sseg/net/chain.hpp"

struct Identity {
#ifdef SSEG_CONTROL
  static constexpr std::string_view name = "identity";
#endif
  constexpr sseg::Shape out_shape(sseg::Shape s) const { return s; }
  constexpr sseg::Index param_count() const { return 0; }
  constexpr sseg::Index state_count() const { return 0; }
  void describe_params(const std::string&, std::vector<sseg::ParamDesc>&) const {}
  constexpr sseg::Index keep(sseg::Shape) const { return 0; }
  constexpr sseg::Index scratch(sseg::Shape) const { return 0; }
  constexpr sseg::Index macs(sseg::Shape) const { return 0; }
  bool operator==(const Identity&) const = default;
};

int main() { return static_cast<int>(sseg::chain(sseg::Relu{}, Identity{}).param_count()); }
