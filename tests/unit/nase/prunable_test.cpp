#include "sseg/nase/prunable.hpp"

#include "sseg/layer/batch_norm.hpp"
#include "support/catch.hpp"
#include "unit/nase/small_net.hpp"

namespace prunable_test {

using namespace sseg;

TEST_CASE("Prunable are the kernels of the backbone, each with its stage and its norm") {
  const auto store = make_store<float>(small_net::make(), 0, Rng(1));
  const auto list = prunable_tensors(store, "net/0/");
  std::vector<std::string> keys, stages;
  for (const auto& t : list) {
    keys.push_back(t.key);
    stages.push_back(t.stage);
    CHECK(t.offset == store.at(t.key).offset);
    CHECK(t.shape == store.at(t.key).desc.shape);
    const std::string norm = t.key.substr(0, t.key.size() - std::string("0/weight").size()) + "1";
    CHECK(t.gamma == store.at(norm + "/gamma").offset);
    CHECK(t.beta == store.at(norm + "/beta").offset);
  }
  CHECK(keys == std::vector<std::string>{"net/0/0/#0/0/0/weight", "net/0/0/#0/1/#0/0/0/weight", "net/0/0/#1/0/0/weight",
                                         "net/0/0/#1/1/#0/0/0/weight", "net/0/0/#1/1/#1/0/0/weight"});
  CHECK(stages == std::vector<std::string>{"net/0/0/#0", "net/0/0/#0", "net/0/0/#1", "net/0/0/#1", "net/0/0/#1"});
  CHECK(list[2].channels() == 7);
  CHECK(list[2].filter_size() == 9 * 5);
  CHECK(prunable_tensors(store, "net/1/").empty());
}

TEST_CASE("A kernel without stage is its own, and one without norm says so") {
  const auto net = chain(Conv2d{.in = 1, .out = 3}, batch_norm(3), Conv2d{.in = 3, .out = 2}, Relu{});
  const auto store = make_store<float>(net, 0, Rng(1));
  const auto list = prunable_tensors(store, "net/");
  REQUIRE(list.size() == 2);
  CHECK(list[0].stage == "net/0/weight");
  CHECK(list[0].gamma == store.at("net/1/gamma").offset);
  CHECK(list[1].gamma == -1);
  CHECK(list[1].beta == -1);
  // A norm of another width is another layer's.
  const auto odd = make_store<float>(chain(Conv2d{.in = 1, .out = 3}, batch_norm(4)), 0, Rng(1));
  CHECK(prunable_tensors(odd, "net/")[0].gamma == -1);
}

TEST_CASE("Another layout is noticed: a tensor more, a tensor less, another shape, another place") {
  const auto net = small_net::make();
  const auto store = make_store<float>(net, 0, Rng(1));
  const auto list = prunable_tensors(store, "net/0/");
  CHECK(same_prunables(list, store, "net/0/"));
  auto grown = net;
  residuals(stages(std::get<0>(grown.layers))[1]).push_back(make_identity_block(7));
  const auto more = make_store<float>(grown, 0, Rng(1));
  CHECK_FALSE(same_prunables(list, more, "net/0/"));
  CHECK_FALSE(same_prunables(prunable_tensors(more, "net/0/"), store, "net/0/"));
  CHECK_FALSE(same_prunables(list, make_store<float>(small_net::make(5, 8), 0, Rng(1)), "net/0/"));
  auto moved = list;
  moved[1].offset += 1;
  CHECK_FALSE(same_prunables(moved, store, "net/0/"));
  moved = list;
  moved[1].key = "net/0/0/#9/1/#0/0/0/weight";
  CHECK_FALSE(same_prunables(moved, store, "net/0/"));
}

}  // namespace prunable_test
