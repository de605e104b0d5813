#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "sseg/backend/from_host.hpp"
#include "sseg/backend/to_host.hpp"
#include "sseg/core/buffer.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/curriculum/feature_attack.hpp"
#include "sseg/data/pixel_values.hpp"
#include "sseg/experiment/scene_record.hpp"
#include "sseg/net/trace.hpp"

namespace sseg {

/// Perturbs pictures of the curriculum against a given net (FeatureAttack), as they can be written: in steps of 1/255.
/// How far a picture's features move is 1 - cos(f(x'), f(x)). Keeps a reference to the backend.
template <class B, class Net>
class CurriculumAttack {
 public:
  /// `net_name`: how the manifest names the net. Throws: Error when the sizes of the attack make no sense.
  CurriculumAttack(B& backend, const Net& net, const ParamStore<float>& store, const FeatureAttackConfig& config,
                   const Rng& rng, std::string net_name)
      : backend_(backend),
        net_(net),
        store_(store),
        config_(in_whole_steps(config)),
        rng_(rng),
        name_(std::move(net_name)),
        attack_(net, store, config_),
        chance_(net, store, {.epsilon = config_.epsilon, .step_size = config_.step_size, .steps = 0}) {
    store_.move_to(memory_of(backend));
  }

  /// x: (N, H, W, C), changed in place; the first one is picture `first` of its level. What was done to each.
  std::vector<SceneAttack> operator()(Index first, View<float> x) {
    std::vector<SceneAttack> done;
    const Index one = x.shape.count() / x.shape[0];
    for (Index begin = 0; begin < x.shape[0]; begin += most) {
      const Index count = std::min(most, x.shape[0] - begin);
      const View<float> some{x.data + begin * one, {count, x.shape[1], x.shape[2], x.shape[3]}};
      for (const float shift : change(first + begin, some))
        done.push_back({name_, config_.epsilon, config_.steps, shift});
    }
    return done;
  }

  /// Over all pictures so far: how far the attack moved their features, and how far random values did that are as
  /// small.
  double mean_shift() const { return pictures_ == 0 ? 0 : shift_ / static_cast<double>(pictures_); }
  double mean_random_shift() const { return pictures_ == 0 ? 0 : random_shift_ / static_cast<double>(pictures_); }

 private:
  static constexpr Index most = 32;  ///< pictures at a time

  std::vector<float> change(Index first, View<float> x) {
    const Index all = x.shape.count();
    round(x);
    const std::vector<float> clean = features(x);
    random_.reserve_at_least(all);
    std::copy_n(x.data, all, random_.data());
    const View<float> random{random_.data(), x.shape};
    chance_.run(backend_, random, rng_, first);
    round(random);
    for (const float s : shifts(x.shape[0], clean, features(random))) random_shift_ += static_cast<double>(s);
    attack_.run(backend_, x, rng_, first);
    round(x);
    auto moved = shifts(x.shape[0], clean, features(x));
    for (const float s : moved) shift_ += static_cast<double>(s);
    pictures_ += x.shape[0];
    return moved;
  }

  /// Pictures are written as bytes: what is left of epsilon in whole 255ths, so that rounding does not pass it.
  static FeatureAttackConfig in_whole_steps(FeatureAttackConfig c) {
    c.epsilon = std::floor(c.epsilon * 255 + 1e-3f) / 255;
    return c;
  }
  static void round(View<float> x) {
    for (float& v : x.flat()) v = static_cast<float>(to_byte(v)) / 255;
  }
  std::vector<float> features(View<float> x) {
    const auto there = from_host_(backend_, View<const float>{x.data, x.shape});
    const auto y = to_host_(backend_, trace_.infer(backend_, net_, store_, there));
    return {y.data, y.data + y.shape.count()};
  }
  /// 1 - cos of every pair of rows; 0 where one of them is zero.
  static std::vector<float> shifts(Index rows, const std::vector<float>& a, const std::vector<float>& b) {
    const std::size_t dim = a.size() / to_size(rows);
    std::vector<float> out;
    for (std::size_t i = 0; i < a.size(); i += dim) {
      double aa = 0, bb = 0, ab = 0;
      for (std::size_t j = i; j < i + dim; ++j) {
        const auto u = static_cast<double>(a[j]), v = static_cast<double>(b[j]);
        aa += u * u, bb += v * v, ab += u * v;
      }
      out.push_back(aa > 0 && bb > 0 ? static_cast<float>(1 - ab / std::sqrt(aa * bb)) : 0.f);
    }
    return out;
  }

  B& backend_;
  Net net_;
  ParamStore<float> store_;
  FeatureAttackConfig config_;
  Rng rng_;
  std::string name_;
  FeatureAttack<Net, float> attack_, chance_;
  Trace<float> trace_;
  FromHost<float> from_host_;
  ToHost<float> to_host_;
  Buffer<float> random_;
  Index pictures_ = 0;
  double shift_ = 0, random_shift_ = 0;
};

}  // namespace sseg
