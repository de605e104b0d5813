// One training step of DINO with multi-crop: see dino_step.hpp.
//   bench_dino_step                                    all of them, Google Benchmark's own flags
//   bench_dino_step NET INPUT THREADS [SECONDS|turns]  one of them, as turns.hpp says; counts pictures, not views
#include "dino_step.hpp"

#include "on_cpu.hpp"
#include "step_main.hpp"

int main(int argc, char** argv) { return bench::step_main<bench::OnCpu<bench::DinoStep>>(argc, argv); }
