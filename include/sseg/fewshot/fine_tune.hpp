#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/fewshot/class_sizes.hpp"
#include "sseg/fewshot/fine_tune_pass.hpp"
#include "sseg/fewshot/fine_tune_settings.hpp"
#include "sseg/meta/field_text.hpp"
#include "sseg/optim/adamw.hpp"

namespace sseg {

/// Trains a copy of the net's last stage, and a cosine head behind it, on the support of each episode, then classifies
/// its queries (the last layers only, as Guo et al. 2020 tune them; head from class means, as easyfsl's `Finetune`).
/// The rows of a task are not features but what the last stage reads, computed once by `LastStage::trunk`; `steps` of
/// AdamW without decay, each on the whole support, without augmentation. Inductive. The backend serves one episode and
/// one thread; nothing of the net that was cut is changed. The same bits for any number of threads.
/// Throws: Error when there is no net, the rows are not its last stage's inputs, or the labels do not fit.
template <class B>
struct FineTune {
  using T = typename B::Scalar;
  static constexpr std::string_view name = "fine-tuned last stage, cosine head";
  FineTuneSettings settings{};
  std::shared_ptr<const LastStage<T>> from{};
  bool operator==(const FineTune&) const = default;

  void classify(const FewShotTask& task, View<float> scores) const {
    settings.check();
    require(from != nullptr, "there is no net to fine-tune", "FineTune", "set `from`: last_stage(net, store, image)");
    require(task.support.shape[1] == from->dim(), "these are not inputs of the net's last stage", "FineTune",
            "compute them with LastStage::trunk of the same net");
    const std::vector<Index> count = class_sizes(task, "FineTune");
    B backend = make_backend();
    FineTunePass<T> pass(*from, task.way);
    const std::vector<T> support(task.support.flat().begin(), task.support.flat().end());
    pass.start_at_means(backend, support, task.label, count);
    const AdamW optimizer{.decay = 0};
    for (Index step = 0; step < settings.steps; ++step) {
      pass.loss(backend, support, task.label, static_cast<T>(settings.scale));
      optimizer.update(backend, pass.store(), settings.rate);
    }
    const std::vector<T> query(task.query.flat().begin(), task.query.flat().end());
    const auto cosine = pass.cosines(backend, query).flat();
    for (std::size_t i = 0; i < cosine.size(); ++i) scores.data[i] = static_cast<float>(cosine[i]);
  }

 private:
  static B make_backend() {
    if constexpr (std::constructible_from<B, int>)
      return B(1);
    else
      return B();
  }
};

/// "fine-tuned last stage, cosine head, 20 steps at rate 0.001, scale 10"
template <class B>
std::string describe(const FineTune<B>& p) {
  const FineTuneSettings& s = p.settings;
  return std::string(FineTune<B>::name) + ", " + to_text_value(s.steps) + " steps at rate " + to_text_value(s.rate) +
         ", scale " + to_text_value(s.scale);
}

}  // namespace sseg
