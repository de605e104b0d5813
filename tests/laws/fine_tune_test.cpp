#include "sseg/fewshot/fine_tune.hpp"

#include "laws/protocol_law.hpp"
#include "sseg/backend/reference.hpp"
#include "sseg/net/seed_network.hpp"

namespace fine_tune_test {

using namespace sseg;

TEST_CASE("a fine-tuned last stage obeys the protocol law") {
  const auto net = SeedNetwork{.initial_channels = 6, .num_blocks = 2}.build({12, 12, 1});
  const auto store = make_store<float>(net, 0, Rng(1));
  const auto oracle = last_stage<double>(net, store, {12, 12, 1});
  law::obeys_protocol_law(FineTune<Reference<double>>{{.steps = 5}, oracle}, oracle->dim());
}

}  // namespace fine_tune_test
