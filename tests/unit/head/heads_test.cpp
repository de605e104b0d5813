#include "sseg/head/heads.hpp"

#include "sseg/backend/reference.hpp"
#include "sseg/core/rng.hpp"
#include "sseg/head/projection_head.hpp"
#include "sseg/head/sizes.hpp"
#include "sseg/layer/batch_norm_rows.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/trace.hpp"
#include "support/catch.hpp"

namespace heads_test {

using namespace sseg;

namespace {

struct First {
  static constexpr std::string_view name = "first";
  using Head = ProjectionHead;
};
struct Second {
  static constexpr std::string_view name = "second";
  using Head = Chain<Linear, BatchNormRows>;
};
struct Third {
  static constexpr std::string_view name = "third";
  using Head = ProjectionHead;
};
using Three = Heads<First, Second, Third>;

Three heads(bool a, bool b, bool c) {
  return {{projection_head(6, 5, 4), chain(Linear{.in = 6, .out = 3}, BatchNormRows{3}), projection_head(6, 2, 7)},
          {a, b, c}};
}

}  // namespace

TEST_CASE("Only heads that are on have parameters, and every key carries the task's name") {
  std::vector<ParamDesc> list;
  heads(true, false, true).describe_params("net/1", list);
  REQUIRE(list.size() == 8);
  CHECK(list[0].key == "net/1/first/0/weight");
  CHECK(list[4].key == "net/1/third/0/weight");
  CHECK(heads(false, true, false).param_count() == 6 * 3 + 3 + 6);
  CHECK(heads(false, true, true).state_count() == 6);
  CHECK(heads(true, false, true).state_count() == 0);
  CHECK(heads(true, true, true).param_count() == 35 + 24 + 27 + 14 + 21);
}

TEST_CASE("A seat is the head's place among the parameters of those that are on") {
  const Three all = heads(true, true, true), some = heads(false, true, true);
  CHECK(all.seat(0).param == 0);
  CHECK(all.seat(1).param == 59);
  CHECK(all.seat(2).param == 59 + 27);
  CHECK(all.seat(2).params == 35);
  CHECK(all.seat(1).states == 6);
  CHECK(all.seat(2).state == 6);
  CHECK(all.seat(2).states == 0);
  CHECK(some.seat(1).param == 0);
  CHECK(some.seat(1).state == 0);
  CHECK(some.seat(2).param == 27);
}

TEST_CASE("As a layer they are the first head that is on") {
  Reference<double> backend;
  Rng rng(3);
  std::vector<double> x(24);
  for (double& v : x) v = rng.normal();
  const Three some = heads(false, true, true);
  auto store = make_store<double>(some, 0, Rng(1));
  Trace<double> trace, alone;
  const View<const double> in{x.data(), {4, 6}};
  const View<const double> y = trace.forward(backend, some, store, in, Mode::train);
  REQUIRE(y.shape == Shape{4, 3});

  const auto second = std::get<1>(some.heads);
  auto own = make_store<double>(second, 0, Rng(1));
  std::copy_n(store.value.data(), own.value.size(), own.value.data());
  const View<const double> expected = alone.forward(backend, second, own, in, Mode::train);
  for (Index i = 0; i < 12; ++i) CHECK(y.data[i] == expected.data[i]);
  CHECK(store.state == own.state);
  CHECK(some.macs(in.shape) == second.macs(in.shape));
  CHECK(some.scratch(in.shape) == second.scratch(in.shape));

  store.zero_grad();
  trace.backward(backend, some, store, in, {x.data(), y.shape});
  for (Index i = 0; i < 18; ++i) CHECK(store.grad[i] != 0);
  for (Index i = 27; i < store.grad.size(); ++i) CHECK(store.grad[i] == 0);
  CHECK_THROWS_AS(heads(false, false, false).keep({2, 6}), Error);
}

TEST_CASE("Every entry that is on is visited with its key") {
  Three some = heads(true, false, true);
  std::vector<std::string> keys;
  for_each_entry(some, "net/1", [&](Linear& l, const std::string& key) {
    keys.push_back(key);
    l.in = 8;
  });
  CHECK(keys == std::vector<std::string>{"net/1/first/0", "net/1/third/0"});
  CHECK(std::get<0>(std::get<2>(some.heads).layers).in == 8);
  CHECK(std::get<0>(std::get<1>(some.heads).layers).in == 6);
}

TEST_CASE("Sizes tell a head, and build it again") {
  const ProjectionHead head = projection_head(6, 5, 4);
  CHECK(head_sizes(head) == std::vector<Index>{5, 4});
  CHECK(build_head(std::type_identity<ProjectionHead>{}, 6, head_sizes(head)) == head);
}

}  // namespace heads_test
