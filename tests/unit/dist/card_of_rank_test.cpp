#include "sseg/dist/card_of_rank.hpp"

#include <cstdlib>

#include "sseg/dist/alone.hpp"
#include "support/catch.hpp"

namespace card_of_rank_test {

using namespace sseg;
using sseg::detail::deal_out_cards;

TEST_CASE("Ranks of a machine take its cards in turn") {
  CHECK(deal_out_cards({{"a", "", 2}, {"b", "", 4}, {"a", "", 2}, {"b", "", 4}, {"b", "", 4}}) ==
        std::vector<int>{0, 0, 1, 1, 2});
}

TEST_CASE("Ranks that were shown a card each take that one") {
  CHECK(deal_out_cards({{"a", "0", 1}, {"a", "1", 1}, {"a", "2,3", 2}, {"a", "2,3", 2}}) ==
        std::vector<int>{0, 0, 0, 1});
}

TEST_CASE("More ranks than cards are told, with the machine and what its ranks see") {
  CHECK_THROWS_WITH(
      deal_out_cards({{"a", "", 4}, {"box", "", 1}, {"box", "", 1}}),
      Catch::Matchers::Contains("2 ranks on box see 1 GPUs") && Catch::Matchers::Contains("each rank takes one"));
  CHECK_THROWS_WITH(deal_out_cards({{"box", "3", 1}, {"box", "3", 1}}),
                    Catch::Matchers::Contains("CUDA_VISIBLE_DEVICES=3"));
}

TEST_CASE("A process alone has the first card, if there is one") {
  Alone alone;
  CHECK(card_of_rank(alone, 3) == 0);
  CHECK_THROWS_WITH(card_of_rank(alone, 0), Catch::Matchers::Contains("see 0 GPUs"));
}

}  // namespace card_of_rank_test
