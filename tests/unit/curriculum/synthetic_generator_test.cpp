#include "sseg/curriculum/synthetic_generator.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "sseg/core/parallel.hpp"
#include "support/catch.hpp"
#include "support/malloc_count.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace synthetic_generator_test {

using sseg::Index;
using sseg::SceneFactors;
using sseg::SyntheticGenerator;
using sseg_test::message_of;

namespace {

std::vector<float> picture(const SyntheticGenerator& set, Index i) {
  const sseg::Shape shape = set.spec().shape;
  std::vector<float> p(sseg::to_size(shape.count()));
  set.read(i, {p.data(), shape});
  return p;
}

}  // namespace

TEST_CASE("a synthetic picture is a pure function of seed, level and index") {
  const Index level = GENERATE(1, 2, 3, 4);
  const SyntheticGenerator set{.seed = 5, .level = level, .side = 40};
  SyntheticGenerator other = set;
  CHECK(picture(set, 7) == picture(set, 7));
  other.count = 1 << 30;
  CHECK(picture(set, 7) == picture(other, 7));
  CHECK(picture(set, 7) != picture(set, 127));  // of the same kind on every level
  other.seed = 6;
  CHECK(picture(set, 7) != picture(other, 7));
  other = set;
  other.level = level % 4 + 1;
  CHECK(picture(set, 7) != picture(other, 7));

  sseg::Threads threads(3);
  std::vector<std::vector<float>> together(20);
  threads.run(20, [&](Index i) { together[sseg::to_size(i)] = picture(set, i); });
  for (Index i = 0; i < 20; ++i) CHECK(together[sseg::to_size(i)] == picture(set, i));
}

TEST_CASE("the factors of a picture do not depend on its size, and a gray picture is the coloured one's luma") {
  const Index level = GENERATE(1, 2, 3, 4);
  const SyntheticGenerator small{.level = level, .side = 28}, large{.level = level, .side = 112};
  for (Index i = 0; i < 12; ++i) {
    const SceneFactors a = small.factors(i), b = large.factors(i);
    REQUIRE(a.objects == b.objects);
    CHECK(a.noise == b.noise);
    for (Index k = 0; k < a.objects; ++k) CHECK(a.object[sseg::to_size(k)].x == b.object[sseg::to_size(k)].x);
    // Without what is drawn for each value the two pictures are one.
    SceneFactors plain = a;
    plain.noise = 0, plain.spoilt = 0;
    std::vector<float> colour(28 * 28 * 3), gray(28 * 28);
    sseg::paint_scene(plain, sseg::Rng(1), {colour.data(), {28, 28, 3}});
    sseg::paint_scene(plain, sseg::Rng(1), {gray.data(), {28, 28, 1}});
    for (std::size_t p = 0; p < gray.size(); ++p)
      REQUIRE(gray[p] == Approx(sseg::luma(&colour[3 * p], 3)).margin(2e-3));
  }
}

TEST_CASE("values lie between 0 and 1 at any size") {
  const Index level = GENERATE(1, 2, 3, 4), side = GENERATE(8, 29, 84), channels = GENERATE(1, 3);
  const SyntheticGenerator set{.level = level, .side = side, .channels = channels};
  for (Index i = 0; i < 24; ++i)
    for (const float v : picture(set, i)) REQUIRE((v >= 0 && v <= 1));
}

TEST_CASE("classes come in turn, textures on level 2 and shapes on the others, in one numbering") {
  SyntheticGenerator set{.count = 30, .side = 16, .first_shape = 3, .shapes = 5, .first_texture = 2, .textures = 4};
  const auto names = set.classes();
  REQUIRE(names.size() == 9);
  CHECK(names[0] == sseg::shape_kinds::all[3].name);
  CHECK(names[5] == sseg::texture_kinds::all[2].name);
  CHECK(set.spec().classes == 9);
  std::vector<float> p(16 * 16 * 3);
  for (const Index level : {1, 2, 3, 4}) {
    set.level = level;
    for (Index i = 0; i < 30; ++i) {
      const Index label = set.read(i, {p.data(), {16, 16, 3}});
      REQUIRE(label == (level == 2 ? 5 + i % 4 : i % 5));
      const SceneFactors f = set.factors(i);
      CHECK(f.label == label);
      CHECK(f.level == level);
      if (level == 2)
        CHECK(f.ground.kind == 2 + i % 4);
      else
        CHECK(f.object[sseg::to_size(f.subject)].shape == 3 + i % 5);
    }
  }
}

TEST_CASE("each level adds to the one before") {
  for (Index i = 0; i < 200; ++i) {
    const SceneFactors one = SyntheticGenerator{.level = 1}.factors(i), two = SyntheticGenerator{.level = 2}.factors(i),
                       three = SyntheticGenerator{.level = 3}.factors(i),
                       four = SyntheticGenerator{.level = 4}.factors(i);
    CHECK(one.objects == 1);
    CHECK(one.ground.kind == -1);
    CHECK(two.objects == 0);
    CHECK((two.ground.kind >= 0 && two.ground.fine > 0));
    CHECK((three.objects >= 3 && three.objects <= 5));
    CHECK(three.ground.kind >= 0);
    CHECK(three.subject == three.objects - 1);
    CHECK(sseg::visible_share(three, 24) == 1);
    CHECK(four.objects > four.subject + 1);
    CHECK((four.occluders == 1 || four.occluders == 2));
    CHECK(four.noise > three.noise);
    CHECK(three.noise > one.noise);
    // No other object is of the subject's kind.
    for (const SceneFactors* f : {&three, &four})
      for (Index k = 0; k < f->objects; ++k)
        if (k != f->subject) CHECK(f->object[sseg::to_size(k)].shape != f->object[sseg::to_size(f->subject)].shape);
  }
}

TEST_CASE("on level 4 the subject is partly hidden, but never wholly") {
  double sum = 0;
  int hidden = 0;
  for (Index i = 0; i < 400; ++i) {
    const float share = sseg::visible_share(SyntheticGenerator{.level = 4}.factors(i), 32);
    REQUIRE(share > 0.2f);
    sum += static_cast<double>(share);
    hidden += share < 0.98f;
  }
  CHECK(sum / 400 > 0.7);
  CHECK(sum / 400 < 0.9);
  CHECK(hidden > 350);
}

TEST_CASE("a set shows no kinds but its own, so that others are held back") {
  const Index level = GENERATE(1, 2, 3, 4);
  const SyntheticGenerator set{.level = level, .first_shape = 5, .shapes = 4, .first_texture = 3, .textures = 2};
  const auto shape_of_set = [](Index k) { return k >= 5 && k < 9; };
  const auto texture_of_set = [](Index k) { return k == -1 || k == 3 || k == 4; };
  for (Index i = 0; i < 200; ++i) {
    const SceneFactors f = set.factors(i);
    REQUIRE(texture_of_set(f.ground.kind));
    for (const auto& o : f.shapes()) REQUIRE((shape_of_set(o.shape) && texture_of_set(o.paint.kind)));
  }
  // With one kind there is no other to put beside it.
  const SyntheticGenerator lone{.level = level, .first_shape = 5, .shapes = 1, .textures = 1};
  const SceneFactors f = lone.factors(3);
  for (const auto& o : f.shapes()) CHECK(o.shape == 5);
}

TEST_CASE("subject and ground differ in brightness") {
  for (const Index level : {1, 3})
    for (Index i = 0; i < 200; ++i) {
      const SceneFactors f = SyntheticGenerator{.level = level}.factors(i);
      const float ground = sseg::luma(f.ground.first.data(), 3);
      const float subject = sseg::luma(f.object[sseg::to_size(f.subject)].paint.first.data(), 3);
      REQUIRE(std::abs(ground - subject) > 0.34f);
    }
}

TEST_CASE("reading a picture again allocates nothing") {
  const SyntheticGenerator set{.level = 4, .side = 48};
  std::vector<float> p(48 * 48 * 3);
  set.read(0, {p.data(), {48, 48, 3}});
  for (Index i = 0; i < 20; ++i) set.read(i, {p.data(), {48, 48, 3}});
  const auto before = malloc_count();
  for (Index i = 0; i < 20; ++i) set.read(i, {p.data(), {48, 48, 3}});
  CHECK(malloc_count() == before);
}

TEST_CASE("synthetic data sets that cannot be are refused") {
  const auto refused = [](const SyntheticGenerator& s) { return message_of([&] { s.check(); }); };
  CHECK(refused({}).empty());
  CHECK_THAT(refused({.level = 0}), sseg_test::Contains("level"));
  CHECK_THAT(refused({.level = 5}), sseg_test::Contains("level"));
  CHECK_THAT(refused({.side = 7}), sseg_test::Contains("side"));
  CHECK_THAT(refused({.channels = 2}), sseg_test::Contains("channels"));
  CHECK_THAT(refused({.count = -1}), sseg_test::Contains("count"));
  CHECK_THAT(refused({.first_shape = 15, .shapes = 6}), sseg_test::Contains("kinds"));
  CHECK_THAT(refused({.textures = 13}), sseg_test::Contains("kinds"));
  SceneFactors full;
  for (std::size_t k = 0; k < SceneFactors::max_objects; ++k) full.add({});
  CHECK_THAT(message_of([&] { full.add({}); }), sseg_test::Contains("too many objects"));
  std::vector<float> p(16 * 15 * 3);
  CHECK_THAT(message_of([&] { SyntheticGenerator{}.read(0, {p.data(), {16, 15, 3}}); }), sseg_test::Contains("square"));
}

}  // namespace synthetic_generator_test
