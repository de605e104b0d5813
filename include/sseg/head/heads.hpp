#pragma once
#include <array>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/head/entry.hpp"
#include "sseg/net/walk.hpp"

namespace sseg {

/// Heads side by side on one backbone, one for each self-supervised task `Tasks` (a type with `name` and `Head`). A
/// head that is off has no parameters and costs nothing; leave it as it is by default, since files do not keep it. Keys
/// carry the task's name, so files survive another order. As a layer it is the first head that is on: what the probe
/// looks at. Training runs each head by its `seat`. Throws: Error when it is run with every head off.
template <class... Tasks>
struct Heads {
  static_assert(sizeof...(Tasks) > 0, "sseg::Heads: needs at least one task.");
  static constexpr std::string_view name = "heads";
  static constexpr std::size_t size = sizeof...(Tasks);
  static constexpr int in_rank = 2, out_rank = 2;

  std::tuple<typename Tasks::Head...> heads;
  std::array<bool, size> on{};
  bool operator==(const Heads&) const = default;

  /// f(std::integral_constant<std::size_t, I>, head) for every head that is on.
  template <class F>
  constexpr void each_on(F&& f) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((on[I] ? f(std::integral_constant<std::size_t, I>{}, std::get<I>(heads)) : void()), ...);
    }
    (std::make_index_sequence<size>{});
  }
  static constexpr std::array<std::string_view, size> names() { return {Tasks::name...}; }

  /// Parameters and state of head `wanted` among those of all.
  constexpr Seat seat(std::size_t wanted) const {
    Seat s;
    each_on([&](auto i, const auto& head) {
      if (i < wanted) {
        s.param += head.param_count();
        s.state += head.state_count();
      } else if (i == wanted) {
        s.params = head.param_count();
        s.states = head.state_count();
      }
    });
    return s;
  }

  constexpr Shape out_shape(Shape x) const {
    Shape y;
    first_on([&](auto, const auto& head) { y = head.out_shape(x); });
    return y;
  }
  constexpr Index param_count() const {
    Index n = 0;
    each_on([&](auto, const auto& head) { n += head.param_count(); });
    return n;
  }
  constexpr Index state_count() const {
    Index n = 0;
    each_on([&](auto, const auto& head) { n += head.state_count(); });
    return n;
  }
  constexpr Index keep(Shape x) const {
    Index n = 0;
    first_on([&](auto, const auto& head) { n = head.keep(x); });
    return n;
  }
  constexpr Index scratch(Shape x) const {
    Index n = 0;
    first_on([&](auto, const auto& head) { n = head.scratch(x); });
    return n;
  }
  constexpr Index macs(Shape x) const {
    Index n = 0;
    first_on([&](auto, const auto& head) { n = head.macs(x); });
    return n;
  }
  void describe_params(const std::string& at, std::vector<ParamDesc>& list) const {
    each_on([&](auto i, const auto& head) { head.describe_params(at + "/" + std::string(names()[i]), list); });
  }

  template <class B>
  requires(HasForward<typename Tasks::Head, B>&&...) void forward(B& b, const Forward<typename B::Scalar>& f) const {
    first_on(
        [&](auto i, const auto& head) { head.forward(b, seated(f, kept_seat(i, f.x.shape), f.x, f.y, f.scratch)); });
  }
  template <class B>
  requires(HasBackward<typename Tasks::Head, B>&&...) void backward(B& b, const Backward<typename B::Scalar>& g) const {
    first_on([&](auto i, const auto& head) {
      head.backward(b, seated(g, kept_seat(i, g.x.shape), g.x, g.y, g.dy, g.dx, g.scratch));
    });
  }

 private:
  constexpr Seat kept_seat(std::size_t i, Shape x) const {
    Seat s = seat(i);
    s.keeps = keep(x);
    return s;
  }
  template <class F>
  constexpr void first_on(F&& f) const {
    bool found = false;
    each_on([&](auto i, const auto& head) {
      if (!std::exchange(found, true)) f(i, head);
    });
    require(found, "every head is off", "Heads", "switch at least one self-supervised task on");
  }
};

template <class... Tasks, class F>
constexpr void for_each_entry(Heads<Tasks...>& all, const std::string& key, F&& f) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((all.on[I] ? for_each_entry(std::get<I>(all.heads), key + "/" + std::string(Tasks::name), f) : void()), ...);
  }
  (std::make_index_sequence<sizeof...(Tasks)>{});
}

}  // namespace sseg
