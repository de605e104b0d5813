#include "sseg/fewshot/last_stage.hpp"

#include <algorithm>
#include <vector>

#include "sseg/backend/reference.hpp"
#include "sseg/fewshot/embed.hpp"
#include "support/catch.hpp"
#include "unit/fewshot/two_stages.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace last_stage_test {

using namespace sseg;
using namespace sseg_test;
using Oracle = Reference<float>;

TEST_CASE("a net cut before its last stage computes what the whole net computes") {
  const TwoStages made;
  const auto cut = made.cut();
  CHECK(cut->map == Shape{4, 4, 3});
  CHECK(cut->dim() == 48);
  CHECK(cut->features() == 12);
  Oracle oracle;
  const Images images = random_pictures(5);
  const Features whole = Embedder<Oracle>(oracle).embed(made.net, made.store, images);
  const Features before = Embedder<Oracle>(oracle).embed(cut->trunk, made.store, images);
  REQUIRE(before.dim == cut->dim());
  ParamStore<float> last = make_store<float>(cut->stage, 0, Rng(9));
  std::copy(cut->value.begin(), cut->value.end(), last.value.begin());
  std::copy(cut->state.begin(), cut->state.end(), last.state.begin());
  Trace<float> trace;
  const auto y = trace.infer(oracle, cut->stage, last, {before.rows.data(), {5, 4, 4, 3}});
  REQUIRE(y.shape.count() == whole.rows.size());
  for (Index i = 0; i < whole.rows.size(); ++i) CHECK(y.data[i] == whole.rows[i]);
}

TEST_CASE("a net of one stage is fine-tuned whole, and nets that do not fit are refused") {
  const auto net = SeedNetwork{.initial_channels = 3, .num_blocks = 1}.build(small_image);
  const auto cut = last_stage<float>(net, make_store<float>(net, 0, Rng(1)), small_image);
  CHECK(cut->dim() == small_image.count());
  CHECK(cut->trunk.param_count() == 0);
  const EvolvableCnn<Flatten> none{};
  CHECK_THAT(sseg_test::message_of([&] { last_stage<float>(none, {}, small_image); }),
             sseg_test::Contains("the net has no stage"));
  CHECK_THAT(sseg_test::message_of([&] { last_stage<float>(net, {}, small_image); }),
             sseg_test::Contains("not this net's"));
}

}  // namespace last_stage_test
