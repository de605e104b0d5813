// One whole training step: see training_step.hpp.
//   bench_train_step                                    all of them, Google Benchmark's own flags
//   bench_train_step NET INPUT THREADS [SECONDS|turns]  one of them, as turns.hpp says
#include "on_cpu.hpp"
#include "step_main.hpp"
#include "training_step.hpp"

int main(int argc, char** argv) { return bench::step_main<bench::OnCpu<bench::TrainingStep>>(argc, argv); }
