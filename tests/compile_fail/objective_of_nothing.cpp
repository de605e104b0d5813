// expect: sseg::Objective: needs at least one term
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/objective.hpp"

#ifdef SSEG_CONTROL
sseg::Objective<sseg::Term<sseg::NtXent>> objective;
#else
sseg::Objective<> objective;
#endif

int main() {}
