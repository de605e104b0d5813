#pragma once
#include <string>
#include <vector>

#include "sseg/head/projection_head.hpp"
#include "sseg/net/evolvable_cnn.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/trace.hpp"

/// A net of two stages of odd widths, with residual blocks, in use: weights, norms and statistics all away from their
/// first values.
namespace small_net {

using namespace sseg;
inline const Shape input{6, 9, 10, 2};

template <class Readout = Flatten>
using Net = Chain<EvolvableCnn<Readout>, ProjectionHead>;

template <class Readout = Flatten>
Net<Readout> make(Index first = 5, Index second = 7) {
  EvolvableCnn<Readout> cnn;
  stages(cnn).push_back(make_stage(2, first, 2));
  stages(cnn).push_back(make_stage(first, second, 2));
  residuals(stages(cnn)[0]).push_back(make_identity_block(first));
  residuals(stages(cnn)[1]).push_back(make_identity_block(second));
  residuals(stages(cnn)[1]).push_back(make_identity_block(second));
  const Index features = cnn.out_shape(input)[1];
  return chain(cnn, projection_head(features, 6, 4));
}

template <class T>
std::vector<T> draw(Index count, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<T> x(to_size(count));
  for (T& v : x) v = static_cast<T>(rng.normal());
  return x;
}

/// Random values everywhere, variances positive.
template <class T, class Net>
ParamStore<T> used_store(const Net& net, std::uint64_t seed) {
  auto store = make_store<T>(net, 2, Rng(seed));
  Rng rng(seed + 1);
  for (const auto& e : store.entries)
    for (T& v : store.values(e)) {
      if (e.desc.key.ends_with("/running_var"))
        v = static_cast<T>(rng.uniform(0.5f, 2.f));
      else if (!e.desc.key.ends_with("/weight"))
        v = static_cast<T>(rng.normal());
    }
  return store;
}

/// Output in evaluation mode.
template <class B, class Net>
std::vector<typename B::Scalar> answer(B& backend, const Net& net, const ParamStore<typename B::Scalar>& store) {
  using T = typename B::Scalar;
  Trace<T> trace;
  const auto x = draw<T>(input.count(), 77);
  const auto y = trace.infer(backend, net, store, {x.data(), input}).flat();
  return {y.begin(), y.end()};
}

/// One forward and backward pass in training mode with a fixed upstream gradient; the gradient is in the store.
template <class B, class Net>
std::vector<typename B::Scalar> pass(B& backend, const Net& net, ParamStore<typename B::Scalar>& store,
                                     std::uint64_t seed) {
  using T = typename B::Scalar;
  Trace<T> trace;
  const auto x = draw<T>(input.count(), seed);
  const View<const T> in{x.data(), input};
  const auto y = trace.forward(backend, net, store, in, Mode::train);
  const auto dy = draw<T>(y.shape.count(), seed + 1);
  const std::vector<T> out(y.flat().begin(), y.flat().end());
  trace.backward(backend, net, store, in, {dy.data(), y.shape});
  return out;
}

}  // namespace small_net
