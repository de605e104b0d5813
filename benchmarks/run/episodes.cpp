// What episodes cost once the features are there: 600 episodes of 5-way 5-shot with 15 queries a class under each
// protocol, on features as long as the seed net's of 28×28 pictures (7·7·32), of 16 classes with 600 pictures each as
// CIFAR-FS validates on. `fine_tune`: 10 episodes, on the inputs of the seed net's last stage (14·14·32).
//   bench_episodes --benchmark_repetitions=5
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "sseg/backend/cpu.hpp"
#include "sseg/fewshot/best_match.hpp"
#include "sseg/fewshot/cosine_classifier.hpp"
#include "sseg/fewshot/evaluate.hpp"
#include "sseg/fewshot/fine_tune.hpp"
#include "sseg/fewshot/knn_accuracy.hpp"
#include "sseg/fewshot/linear_probe.hpp"
#include "sseg/fewshot/matching_net.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "sseg/fewshot/transductive_prototypes.hpp"
#include "sseg/net/seed_network.hpp"

using namespace sseg;

namespace {

constexpr Index classes = 16, per_class = 600;

const std::vector<Index>& labels() {
  static const std::vector<Index> all = [] {
    std::vector<Index> label;
    for (Index i = 0; i < classes * per_class; ++i) label.push_back(i % classes);
    return label;
  }();
  return all;
}

/// Half signal, half noise.
Features features(Index images, Index dim) {
  Features f{dim, Buffer<float>(images * dim)};
  Rng rng(1);
  for (Index i = 0; i < images; ++i) {
    Rng of_class = Rng(2).split(static_cast<std::uint64_t>(i % classes));
    for (Index d = 0; d < dim; ++d) f.rows[i * dim + d] = of_class.normal() + 3 * rng.normal();
  }
  return f;
}
const Features& seed_net_features() {
  static const Features f = features(classes * per_class, 7 * 7 * 32);
  return f;
}

template <class P>
void episodes(benchmark::State& state, const P& protocol, const Features& f, Index count, int team) {
  Threads threads(team);
  const std::vector<Index> label(labels().begin(), labels().begin() + f.size());
  const EpisodeSampler sampler(label, {}, {.way = 5, .shot = 5, .query = 15});
  for (auto _ : state) benchmark::DoNotOptimize(episode_accuracies(threads, protocol, f, sampler, count, Rng(3)));
  state.counters["episodes"] = static_cast<double>(count);
}

template <class P>
void add(const std::string& name, const P& protocol, const Features& f, Index count = 600) {
  for (const int team : {1, 2})
    benchmark::RegisterBenchmark((name + "/threads:" + std::to_string(team)).c_str(),
                                 [&f, protocol, count, team](auto& s) { episodes(s, protocol, f, count, team); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
}

void leave_one_out(benchmark::State& state) {
  Threads threads(2);
  const Features f = features(2000, 7 * 7 * 32);
  const std::vector<Index> label(labels().begin(), labels().begin() + f.size());
  for (auto _ : state) benchmark::DoNotOptimize(knn_accuracy(threads, f, label));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const Features& f = seed_net_features();
  add("prototypes_cosine", Prototypes<CosineSimilarity>{}, f);
  add("prototypes_euclidean", Prototypes<SquaredEuclidean>{}, f);
  add("prototypes_cl2n", Prototypes<Cl2n>{{f.mean()}}, f);
  add("matching", MatchingNet{}, f);
  add("knn", NearestNeighbours{}, f);
  add("transductive", TransductivePrototypes{}, f);
  add("cosine_classifier", CosineClassifier{}, f);
  add("linear_probe", LinearProbe{}, f);
  const auto net = SeedNetwork{}.build({28, 28, 1});
  const FineTune<Cpu> fine_tune{{}, last_stage<float>(net, make_store<float>(net, 0, Rng(4)), {28, 28, 1})};
  const Features inputs = features(classes * 20, fine_tune.from->dim());
  add("fine_tune", fine_tune, inputs, 10);
  benchmark::RegisterBenchmark("knn_accuracy_of_2000/threads:2", leave_one_out)
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
