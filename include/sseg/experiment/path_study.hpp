#pragma once
#include <optional>
#include <string>
#include <utility>

#include "sseg/data/any_dataset.hpp"
#include "sseg/evolve/latency.hpp"
#include "sseg/experiment/path_report.hpp"
#include "sseg/experiment/recipe.hpp"
#include "sseg/nase/route_once.hpp"
#include "sseg/train/gather_importance.hpp"
#include "sseg/train/recalibrate.hpp"
#include "sseg/train/training_views.hpp"

namespace sseg {

/// How the paths of a checkpoint are made. Empty texts: as the run's router, or that of a run that did not route.
struct PathChoices {
  std::string unit{}, scope{}, criterion{};
  std::string net = "student";     ///< whose weights: the student's, which masks and statistics belong to; or teacher
  Index score_batches = 20;        ///< for importance that the run did not gather
  Index recalibrate_batches = 20;  ///< for the statistics of every net
  Index random_masks = 3;
  bool operator==(const PathChoices&) const = default;
};

/// Makes the nets of a path report from a training state and the unlabelled images it was trained on. With masks that
/// are made afterwards, the statistics of all nets, the dense one too, are those of the same batches of training views:
/// they differ by their masks alone. With a curriculum these batches have the mix of levels that the run came to. Keeps
/// references to backend, state and images.
template <class B>
class PathStudy {
 public:
  using State = TrainState<MainNet, float>;

  /// `levels`: where those of a curriculum lie among the images. Throws: Error when a choice makes no sense.
  PathStudy(B& backend, const RunConfig& config, const State& state, const AnyDataset& training, PathChoices choices,
            const LevelRanges& levels = {})
      : backend_(backend),
        config_(config),
        state_(state),
        choices_(std::move(choices)),
        router_(state.routing ? state.routing->router.config() : config.nase.router),
        views_(views(backend.threads(), config, state, training, levels)) {
    if (!choices_.unit.empty()) router_.unit = choices_.unit;
    if (!choices_.scope.empty()) router_.scope = choices_.scope;
    if (!choices_.criterion.empty()) router_.importance = choices_.criterion;
    router_.check();
    require(choices_.net == "student" || choices_.net == "teacher", "there is no such net", "net",
            "give student or teacher");
    require(choices_.random_masks >= 1, "the control needs a mask", "random_masks", "give 1 or more");
  }

  /// Masks of the share `keep` by the chosen criterion: the importance that the run gathered, or else scores over some
  /// batches of its objective. Throws: Error when the share is not in (0, 1].
  PathStores masked(double keep) {
    RouterConfig c = router_;
    c.keep = keep;
    c.check();
    const auto& dense = choices_.net == "student" ? state_.model.student : state_.model.teacher;
    PathStores s = masked_by(route_once(dense, importance(), c, keep), c, dense);
    s.dense = dense;
    recalibrate(s.dense);
    return s;
  }

  /// The masks that the run made and trained, with the statistics that it gathered for each path and for the dense
  /// student. A negative path that was not trained, and the random masks, have theirs recalibrated; all have where the
  /// positive path was not trained.
  /// Throws: Error when the run did not route, or other masks were chosen.
  PathStores own() {
    require(state_.routing.has_value(), "the run did not route, so it has no masks of its own", "keep",
            "give the shares to keep as numbers");
    require(choices_.net == "student", "the run's masks and statistics belong to its student", "net",
            "give student, or the shares to keep as numbers");
    const Routing<float>& r = *state_.routing;
    require(router_ == r.router.config(), "the run's masks were made in another way", "unit, scope, criterion",
            "leave these choices out, or give the shares to keep as numbers");
    const auto& dense = state_.model.student;
    RouterConfig c = r.router.config();
    c.keep = c.keep_ratio_in_use(state_.step);
    PathStores s = masked_by(r.router, c, dense);
    s.masks.made = "by the run";
    s.dense = dense;
    const auto trained = [&](const RoutedStore<float>& path) {
      return path.store().value.size() == dense.value.size();
    };
    if (trained(r.negative)) s.negative = loaded(r.negative, dense, r.router.masks());
    if (!trained(r.positive)) {
      recalibrate(s.dense);
      return s;
    }
    s.positive = loaded(r.positive, dense, r.router.masks());
    s.masks.statistics = "the run's";
    return s;
  }

 private:
  using Views = TrainingViews<AnyDataset, decltype(MainRecipe::views)>;

  static Views views(Threads& threads, const RunConfig& c, const State& state, const AnyDataset& training,
                     const LevelRanges& levels) {
    const MainRecipe recipe = main_recipe(c, levels);
    const Rng rng = Rng(c.seed).split("paths");
    if (!recipe.curriculum) return {threads, training, recipe.views, c.train.batch, rng};
    const LevelMix mix = recipe.curriculum->scheduler.mix({state.step, c.train.steps}, state.curriculum);
    return {threads, training, recipe.views, c.train.batch, rng, levels, mix};
  }
  static ParamStore<float> loaded(RoutedStore<float> path, const ParamStore<float>& dense, const Masks& masks) {
    path.load(dense, masks);
    return std::move(path.store());
  }
  void recalibrate(ParamStore<float>& store) {
    sseg::recalibrate(backend_, backbone(state_.model.net), store, choices_.recalibrate_batches,
                      [&](Index k) { return views_.global(k); });
  }

  /// Everything but the dense net. `c`: how the router's masks were made, at the share `c.keep`.
  PathStores masked_by(const SparseRouter& router, const RouterConfig& c, const ParamStore<float>& dense) {
    const auto through = [&](const Masks& masks, Path path) {
      ParamStore<float> store = loaded(RoutedStore<float>(path), dense, masks);
      recalibrate(store);
      return store;
    };
    const auto stages = router.stage_keep_ratios();
    PathStores s;
    s.masks = {.unit = c.unit,
               .scope = c.scope,
               .criterion = c.importance,
               .keep = c.keep,
               .kept = static_cast<double>(router.units_kept()) / static_cast<double>(router.units()),
               .stages = {stages.begin(), stages.end()},
               .net = choices_.net};
    s.positive = through(router.masks(), Path::positive);
    s.negative = through(router.masks(), Path::negative);
    const Rng draws = Rng(config_.seed).split("random masks");
    for (Index k = 0; k < choices_.random_masks; ++k) {
      ImportanceScorer<RandomScore> chance(RandomScore{draws.split(static_cast<std::uint64_t>(k)).key()});
      chance.observe(dense);
      s.random.push_back(through(route_once(dense, chance, c, c.keep).masks(), Path::positive));
    }
    return s;
  }

  const ImportanceScorer<AnyCriterion>& importance() {
    const AnyCriterion criterion = router_.criterion(config_.seed);
    if (state_.routing && state_.routing->importance.criterion().chosen() == criterion.chosen())
      return state_.routing->importance;
    if (!gathered_) {
      const auto& m = state_.model;
      const MainObjective objective = main_objective(config_.ssl);
      const Progress at{state_.step, config_.train.steps};
      gathered_ = gather_importance(backend_, m.net, choices_.net == "student" ? m.student : m.teacher, m.teacher,
                                    objective, state_.memory, criterion, choices_.score_batches, at,
                                    [&](Index k) -> const ViewSet::Views& { return views_.at(k); });
    }
    return *gathered_;
  }

  B& backend_;
  RunConfig config_;
  const State& state_;
  PathChoices choices_;
  RouterConfig router_;
  Views views_;
  std::optional<ImportanceScorer<AnyCriterion>> gathered_;
};

/// A net of its own made of a positive path, beside the dense net: adds its accuracy, the difference and both costs to
/// the report of its masks. `small` was loaded from the file that was written. Time is measured: it varies.
template <class B, class Net>
void add_compact(B& backend, PathReport& report, const Net& dense, const ParamStore<float>& dense_store,
                 const Net& small, const ParamStore<float>& small_store, const Images& images,
                 const FewShotRow& about) {
  const auto before = detail::accuracies_of(backend, backbone(dense), {&dense_store}, images, about);
  const auto after = detail::accuracies_of(backend, backbone(small), {&small_store}, images, about);
  detail::add_result(report, about, "exported", after);
  detail::add_difference(report, about, "dense - exported", before, after);
  const Shape one{1, images.shape[0], images.shape[1], images.shape[2]};
  for (const auto& [name, net] : {std::pair{"dense", &dense}, std::pair{"exported", &small}}) {
    Cost cost = cost_of(backbone(*net), one);
    cost.milliseconds = milliseconds(backend, backbone(*net), one);
    report.costs.push_back({name, describe(backbone(*net)), cost});
  }
}

}  // namespace sseg
