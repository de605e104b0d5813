// expect: sseg::Heads: needs at least one task
#include "sseg/head/heads.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/term.hpp"

#ifdef SSEG_CONTROL
sseg::Heads<sseg::Term<sseg::NtXent>> heads;
#else
sseg::Heads<> heads;
#endif

int main() {}
