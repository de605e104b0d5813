#include "sseg/sseg.hpp"

// Everything a training run instantiates: augmentation, net, loss, optimizer, growth, probe, few-shot evaluation.
int main() {
  const sseg::Rng rng(1);
  sseg::Images images{"noise", {28, 28, 1}, sseg::Buffer<float>(64 * 28 * 28), {}, {}, {}, {}};
  sseg::Rng draw = rng.split("pixels");
  for (float& pixel : images.pixels.span()) pixel = draw.uniform(0.f, 1.f);
  for (sseg::Index i = 0; i < images.size(); ++i) images.label.push_back(i % 8);

  sseg::Cpu backend;
  const auto augment = sseg::pipeline(sseg::Warp{}, sseg::Brightness{}, sseg::Erase{});
  const sseg::InstanceProbe probe(images, augment, rng.split("probe"));
  const auto loss = sseg::objective(sseg::task(sseg::NtXent{}));
  const auto recipe = sseg::make_recipe(sseg::two_views(augment), loss, sseg::AdamW{}, sseg::Warmup<sseg::Cosine>{},
                                        sseg::EmaTeacher{}, sseg::Evolve<sseg::Plateau, sseg::Grow, sseg::Widen>{});
  auto state = sseg::start_training<float>(
      sseg::make_learner(sseg::SeedNetwork{}.build(images.shape), images.shape, loss), sseg::AdamW::moments, rng);
  auto fit =
      sseg::make_fit(backend, images, probe, sseg::FitConfig{.steps = 4, .batch = 16, .probe_every = 2}, recipe, rng);
  const std::atomic<bool> stop{false};
  fit.run(state, stop);
  return state.step == 4 ? 0 : 1;
}
