// Augmented pictures a second on one thread: two views of every picture, as training draws them.
//   bench_augment                     presets and single augmentations, Google Benchmark's own flags
//   bench_augment PRESET [ROUNDS]     one preset (28, 32 or 84); prints "<number> images/s", the median over ROUNDS
// Presets: drawings at 28² from 84²×1, small photographs at 32²×3, photographs at 84²×3 from 84²×3.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "sseg/augment/erase.hpp"
#include "sseg/augment/frame.hpp"
#include "sseg/augment/presets.hpp"
#include "sseg/augment/two_views.hpp"

using namespace sseg;

namespace {

/// Pictures of noise that lie ready in memory: pixels cost the same whatever they show.
struct Ready {
  Shape shape;
  Buffer<float> pixels;
  static constexpr Index count = 64;

  explicit Ready(Shape s) : shape(s), pixels(count * s.count()) {
    Rng rng(1);
    for (float& v : pixels) v = rng.uniform();
  }
  Index size() const { return count; }
  ImageSpec spec() const { return {shape, 0, "ready"}; }
  Index read(Index i, View<float> out) const {
    std::copy_n(pixels.data() + i * shape.count(), shape.count(), out.data);
    return -1;
  }
};

template <class A>
void two_views(benchmark::State& state, const A& augment, Shape source) {
  const Ready data(source);
  Threads threads(1);
  TwoViews views;
  std::vector<Index> batch(Ready::count);
  std::iota(batch.begin(), batch.end(), Index{0});
  std::uint64_t step = 0;
  views.make(threads, data, batch, augment, Rng(step));  // sizes the buffers
  for (auto _ : state) benchmark::DoNotOptimize(views.make(threads, data, batch, augment, Rng(++step)).data);
  state.SetItemsProcessed(state.iterations() * 2 * Ready::count);
}

template <class A>
void add(const std::string& name, const A& augment, Shape source) {
  benchmark::RegisterBenchmark((name + "/" + to_string(source)).c_str(), [=](benchmark::State& s) {
    two_views(s, augment, source);
  })->UseRealTime();
}

constexpr Shape large_drawing{84, 84, 1}, drawing{28, 28, 1}, small_photo{32, 32, 3}, photo{84, 84, 3};

void add_presets() {
  add("drawings", presets::drawings(), large_drawing);
  add("drawings_two_resamplings", pipeline(Warp{}, Brightness{}, Erase{}, Frame{.side = 28, .center = true}),
      large_drawing);
  add("small_photos", presets::small_photos(), small_photo);
  add("photos", presets::photos(), photo);
  add("curriculum", presets::curriculum(), small_photo);
}

void add_single() {
  for (const Shape s : {drawing, small_photo, photo}) {
    add("warp", Warp{}, s);
    add("crop", RandomResizedCrop{.side = s[0]}, s);
    add("geometry", RandomGeometry{.crop = {.side = s[0]}}, s);
    add("flip", Flip{}, s);
    add("turn", RandomTurn{}, s);
    add("jitter", ColorJitter{.probability = 1}, s);
    add("brightness_only", ColorJitter{.contrast = 0, .saturation = 0, .hue = 0, .probability = 1}, s);
    add("gray", Grayscale{.probability = 1}, s);
    add("blur", GaussianBlur{.probability = 1}, s);
    add("solarize", Solarize{.probability = 1}, s);
    add("stroke_width", StrokeWidth{.probability = 1}, s);
    add("erase_boxes", EraseBoxes{.probability = 1}, s);
  }
  add("geometry", std::get<0>(presets::drawings().steps), large_drawing);
}

/// Prints the one figure that benchmarks/peers asks for.
class ImagesPerSecond : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs)
      if (run.run_type == Run::RT_Aggregate && run.aggregate_name == "median")
        GetOutputStream() << run.counters.at("items_per_second").value << " images/s\n";
  }
};

int run_one(const std::string& preset, int rounds) {
  const auto one = [&](const auto& augment, Shape source) {
    benchmark::RegisterBenchmark("views", [=](benchmark::State& s) { two_views(s, augment, source); })
        ->MinTime(0.2)
        ->Repetitions(rounds)
        ->UseRealTime();
  };
  if (preset == "28" && rounds >= 2)
    one(presets::drawings(), large_drawing);
  else if (preset == "32" && rounds >= 2)
    one(presets::small_photos(), small_photo);
  else if (preset == "84" && rounds >= 2)
    one(presets::photos(), photo);
  else
    return std::fprintf(stderr, "bench_augment: PRESET 28, 32 or 84; ROUNDS ≥ 2\n"), 2;
  ImagesPerSecond reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc >= 2 && argv[1][0] != '-') return run_one(argv[1], argc > 2 ? std::atoi(argv[2]) : 5);
  add_presets();
  add_single();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
