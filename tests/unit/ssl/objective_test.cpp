#include "sseg/ssl/objective.hpp"

#include <vector>

#include "sseg/head/dino_head.hpp"
#include "sseg/head/rotation_head.hpp"
#include "sseg/ssl/dino.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/rotation.hpp"
#include "support/catch.hpp"

namespace objective_test {

using namespace sseg;

namespace {

/// NT-Xent grows from 0, DINO fades to 0, rotation is off.
auto three() {
  return objective(Term<NtXent, ProjectionHead, Ramp>{.weight = {0, 1}}, Term<Dino, DinoHead, Ramp>{.weight = {1, 0}},
                   Term<Rotation, RotationHead>{.on = false});
}
constexpr Progress first{0, 10}, middle{5, 10}, end{10, 10};

}  // namespace

TEST_CASE("Only terms that are on and weigh something at a step are visited, in their order") {
  const auto active = [](Progress at) {
    std::vector<std::size_t> all;
    three().each_active(at, [&](auto i, const auto&) { all.push_back(i); });
    return all;
  };
  CHECK(active(first) == std::vector<std::size_t>{1});
  CHECK(active(middle) == std::vector<std::size_t>{0, 1});
  CHECK(active(end) == std::vector<std::size_t>{0});
}

TEST_CASE("The teacher and the views are asked for while a term needs them") {
  const auto all = three();
  CHECK(all.needs_teacher(first));
  CHECK(all.needs_teacher(middle));
  CHECK_FALSE(all.needs_teacher(end));
  CHECK(all.sees(Sees::crops, middle));
  CHECK_FALSE(all.sees(Sees::crops, end));
  CHECK(all.ever_sees(Sees::crops));
  CHECK(all.ever_sees(Sees::pair));
  CHECK_FALSE(all.sees(Sees::pair, first));
  CHECK_FALSE(all.ever_sees(Sees::rotated));
  CHECK_FALSE(all.ever_sees(Sees::global));
}

TEST_CASE("A head is made for every term that is on") {
  const auto heads = make_heads(three(), 7);
  CHECK(heads.on == std::array{true, true, false});
  CHECK(std::get<0>(heads.heads) == projection_head(7));
  CHECK(std::get<1>(heads.heads) == dino_head(7));
}

}  // namespace objective_test
