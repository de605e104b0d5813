// expect: this layer needs  Index keep(Shape) const  and  Index scratch(Shape) const
#include "sseg/layer/relu.hpp"
#include "sseg/net/chain.hpp"

struct Identity {
  static constexpr std::string_view name = "identity";
  constexpr sseg::Shape out_shape(sseg::Shape s) const { return s; }
  constexpr sseg::Index param_count() const { return 0; }
  constexpr sseg::Index state_count() const { return 0; }
  void describe_params(const std::string&, std::vector<sseg::ParamDesc>&) const {}
#ifdef SSEG_CONTROL
  constexpr sseg::Index keep(sseg::Shape) const { return 0; }
  constexpr sseg::Index scratch(sseg::Shape) const { return 0; }
#endif
  constexpr sseg::Index macs(sseg::Shape) const { return 0; }
  bool operator==(const Identity&) const = default;
};

int main() { return static_cast<int>(sseg::chain(sseg::Relu{}, Identity{}).param_count()); }
