// A stranger's program: trains a small net on noise for a few steps, without labels, and sees the loss fall.
#include <cstdio>
#include <sseg/backend/cuda/host_twin.hpp>  // not of CUDA, but of files that are no headers
#include <sseg/sseg.hpp>

#ifdef MY_OTHER_UNIT
sseg::Index parameters_counted_elsewhere();
#endif

int main() {
  const sseg::Rng rng(1);
  sseg::Images images{"noise", {12, 12, 1}, sseg::Buffer<float>(8 * 12 * 12), {}, {}, {}, {}};
  sseg::Rng draw = rng.split("pixels");
  for (float& pixel : images.pixels.span()) pixel = draw.uniform(0.f, 1.f);

  const auto loss = sseg::objective(sseg::task(sseg::NtXent{}));
  const auto net = sseg::make_learner(sseg::SeedNetwork{.initial_channels = 4, .num_blocks = 2}.build(images.shape),
                                      images.shape, loss);
  const sseg::AdamW optimizer;
  auto store = sseg::make_store<float>(net, sseg::AdamW::moments, rng.split("weights"));
  sseg::Cpu backend(1);
  sseg::TwoViews views;
  sseg::Step<float> step;
  sseg::LossMemory<float> memory;
  const std::vector<sseg::Index> batch{0, 1, 2, 3, 4, 5, 6, 7};

  double first = 0, last = 0;
  for (int i = 0; i < 20; ++i) {
    const auto x = views.make(backend.threads(), images, batch, sseg::Brightness{}, rng.split("views"));
    last = step.run(backend, net, store, store, sseg::ViewSet::Views{x, {}, {}, 8}, loss, memory, {i, 20});
    if (i == 0) first = last;
    optimizer.update(backend, store, 0.01f);
  }
  std::printf("loss %.3f -> %.3f with %td parameters\n", first, last, net.param_count());
#ifdef MY_OTHER_UNIT
  if (parameters_counted_elsewhere() != net.param_count()) return 2;
#endif
  return last < first ? 0 : 1;
}
