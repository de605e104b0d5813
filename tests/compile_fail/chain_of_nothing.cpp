// expect: sseg::Chain: needs at least one layer
#include "sseg/layer/relu.hpp"
#include "sseg/net/chain.hpp"

#ifdef SSEG_CONTROL
using Net = sseg::Chain<sseg::Relu>;
#else
using Net = sseg::Chain<>;
#endif

int main() { return static_cast<int>(Net{}.param_count()); }
