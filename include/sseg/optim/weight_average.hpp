#pragma once

namespace sseg {

/// What an update may do besides: target = keep·target + (1−keep)·w with the new weights w, in the same sweep over
/// memory. `target` lies as the store's values do (a teacher's values); null: nothing.
template <class T>
struct WeightAverage {
  T keep{};
  T* target = nullptr;
};

/// An optimizer whose update takes a WeightAverage. With any other, a second sweep makes the average.
template <class O, class B, class Store>
concept TakesAverage = requires(const O o, B& backend, Store& store, float rate,
                                WeightAverage<typename B::Scalar> average) {
  o.update(backend, store, rate, average);
};

}  // namespace sseg
