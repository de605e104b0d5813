// expect: sseg::Evolve: needs at least one mutation
#include "sseg/evolve/evolve.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/evolve/plateau.hpp"

#ifdef SSEG_CONTROL
using Growth = sseg::Evolve<sseg::Plateau, sseg::Grow>;
#else
using Growth = sseg::Evolve<sseg::Plateau>;
#endif

int main() { return Growth{} == Growth{} ? 0 : 1; }
