#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "sseg/nase/any_criterion.hpp"
#include "sseg/nase/importance.hpp"
#include "sseg/nase/routed_store.hpp"
#include "sseg/nase/sparse_router.hpp"
#include "sseg/ssl/repel.hpp"

namespace sseg {

/// Sparsity routing in training: the importance of every weight, the masks made of it, and the two paths with their own
/// running statistics. Part of a training state; all of it is in a checkpoint.
template <class T>
struct Routing {
  ImportanceScorer<AnyCriterion, T> importance;
  SparseRouter router;
  RoutedStore<T> positive{Path::positive};
  RoutedStore<T> negative{Path::negative};
  std::uint64_t seed = 0;  ///< of the random control

  /// Throws: Error when the configuration makes no sense.
  explicit Routing(const RouterConfig& c, std::uint64_t random_seed = 0)
      : importance(c.criterion(random_seed), c.momentum), router(c), seed(random_seed) {}

  /// After the dense net's backward pass: scores the weights, and makes new masks when it is time.
  void observe(const ParamStore<T>& student, Index step) {
    importance.observe(student);
    router.update(student, importance, step);
  }
  /// The same where the student lies where the backend's arrays do: importances come over when masks are made of them.
  template <class B>
  void observe(B& backend, const ParamStore<T>& student, Index step) {
    importance.observe(backend, student);
    if (!router.due(student, importance.prefix(), step)) return;
    importance.settle();
    router.update(student, importance, step);
  }
  /// After a mutation: the masks and paths of the new layout.
  void align(const ParamStore<T>& student, Index step) {
    router.update(student, importance, step);
    each_path([&](RoutedStore<T>& path, T) { path.load(student, router.masks()); });
  }
  /// The paths to where a backend's arrays lie, or to the host (null).
  void place(const std::shared_ptr<Memory>& memory) {
    for (RoutedStore<T>* path : {&positive, &negative}) path->place(memory);
    if (memory == nullptr) importance.leave_backend();
  }
  /// f(path, weight of its loss) for every path that is trained.
  template <class F>
  void each_path(F&& f) {
    const RouterConfig& c = router.config();
    if (c.positive_weight > 0) f(positive, static_cast<T>(c.positive_weight));
    if (c.negative_weight > 0) f(negative, static_cast<T>(c.negative_weight));
  }
};

/// The loss of this path, where the router's configuration gives it one of its own; none: it shares the run's.
template <class T>
std::optional<Repel> own_loss(const RouterConfig& c, const RoutedStore<T>& path) {
  if (path.path() == Path::positive || c.negative_loss != "repel") return {};
  return Repel{.margin = c.negative_margin, .temperature = c.negative_temperature};
}

/// The policy of a run that never routes.
struct NoRouting {
  bool operator==(const NoRouting&) const = default;
};

/// The policy of a run that routes if its configuration says so: `{}` does not.
struct RoutingPolicy {
  std::optional<RouterConfig> config;
  std::uint64_t seed = 0;  ///< of the random control
  bool operator==(const RoutingPolicy&) const = default;
};

}  // namespace sseg
