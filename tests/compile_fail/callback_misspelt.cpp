// expect: this one has none, so a hook may be misspelt
#include "sseg/augment/brightness.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/data/images.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/schedule.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/fit.hpp"

struct LastLoss {
  double value = 0;
#ifdef SSEG_CONTROL
  void on_step(const sseg::StepInfo& info) { value = info.loss; }
#else
  void on_stepp(const sseg::StepInfo& info) { value = info.loss; }
#endif
};

using Recipe = sseg::Recipe<sseg::MultiCrop<sseg::Brightness>, sseg::Objective<sseg::Term<sseg::NtXent>>, sseg::AdamW,
                            sseg::Cosine, sseg::Evolve<sseg::Plateau, sseg::Grow>>;

void train(sseg::Cpu& backend, const sseg::Images& images, const sseg::InstanceProbe& probe, const Recipe& recipe) {
  LastLoss last;
  sseg::Fit<sseg::Cpu, sseg::Images, sseg::Flatten, Recipe, LastLoss> fit(backend, images, probe, {}, recipe,
                                                                          sseg::Rng(1), last);
}
