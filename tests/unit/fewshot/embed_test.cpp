#include "sseg/fewshot/embed.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "random_features.hpp"
#include "sseg/augment/frame.hpp"
#include "sseg/augment/warp.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/data/images.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/catch.hpp"

namespace embed_test {

using sseg::Cpu;
using sseg::Embedder;
using sseg::Features;
using sseg::Images;
using sseg::Index;
using sseg::Rng;
using sseg_test::furthest;

namespace {

Images random_images(Index n) {
  Images set{"random", {8, 8, 1}, sseg::Buffer<float>(n * 64), {}, {}, {}, {}};
  Rng rng(1);
  for (float& v : set.pixels) v = rng.uniform();
  return set;
}

auto net_and_store() {
  auto net = sseg::SeedNetwork{.initial_channels = 6, .num_blocks = 2}.build({8, 8, 1});
  auto store = sseg::make_store<float>(net, 0, Rng(2));
  Rng rng(3);
  for (float& v : store.state) v = 0.05f + 0.1f * rng.uniform();  // running statistics that are not those of any batch
  return std::pair{net, store};
}

double length(const Features& f, Index i) {
  double squares = 0;
  for (Index d = 0; d < f.dim; ++d) squares += static_cast<double>(f.row(i).data[d] * f.row(i).data[d]);
  return std::sqrt(squares);
}

}  // namespace

TEST_CASE("features do not depend on batches and threads") {
  const auto [net, store] = net_and_store();
  const Images set = random_images(23);
  Cpu one(1), two(2);
  const Features whole = Embedder<Cpu>(one).embed(net, store, set);
  CHECK(whole.dim == 24);
  CHECK(whole.size() == 23);
  for (const Index batch : {1, 5, 22, 23}) {
    CHECK(Embedder<Cpu>(two, batch).embed(net, store, set).rows == whole.rows);
    sseg::FrozenNet frozen(two, net, store);
    CHECK(Embedder<Cpu>(two, batch).embed(frozen, set).rows == whole.rows);
    CHECK(furthest(Embedder<Cpu>(two, batch).embed(net, store, set.subset({22})),
                   Features{24, [&] {
                              sseg::Buffer<float> row(24);
                              std::copy_n(whole.row(22).data, 24, row.data());
                              return row;
                            }()}) == 0);
  }
  CHECK(length(whole, 0) > 0.01);
  CHECK(furthest(whole, Embedder<Cpu>(one).embed(net, sseg::make_store<float>(net, 0, Rng(9)), set)) > 0.01);
}

TEST_CASE("an embedder serves nets and data sets of any size, one after the other") {
  const auto [net, store] = net_and_store();
  Cpu backend(1);
  Embedder<Cpu> embedder(backend, 4);
  const Images few = random_images(2), many = random_images(11);
  const auto first = embedder.embed(net, store, few);
  const auto second = embedder.embed(net, store, many);
  CHECK(second.size() == 11);
  CHECK(embedder.embed(net, store, few).rows == first.rows);
  const sseg::Flatten flat;
  const auto pixels = embedder.embed(flat, sseg::make_store<float>(flat, 0, Rng(1)), many);
  CHECK(pixels.rows == many.pixels);
  CHECK(embedder.embed(net, store, random_images(0)).size() == 0);
}

TEST_CASE("a view of an image is drawn from stream, image and view alone") {
  const sseg::Flatten pixels;
  const auto store = sseg::make_store<float>(pixels, 0, Rng(1));
  Cpu backend(2);
  const Images set = random_images(5);
  const sseg::Warp warp{};
  const Features view = Embedder<Cpu>(backend, 2).embed_view(pixels, store, set, warp, 3, Rng(8));
  for (Index i = 0; i < 5; ++i) {
    std::vector<float> expected(64);
    Rng draw = Rng(8).split(static_cast<std::uint64_t>(i)).split(3);
    warp(draw, set.image(i), {expected.data(), set.shape});
    CHECK(std::equal(expected.begin(), expected.end(), view.row(i).data));
  }
  const Features last = Embedder<Cpu>(backend).embed_view(pixels, store, set.subset({4}), warp, 3, Rng(8), 4);
  CHECK(std::equal(last.rows.begin(), last.rows.end(), view.row(4).data));  // the fifth image on its own
  CHECK(furthest(view, Embedder<Cpu>(backend).embed_view(pixels, store, set, warp, 2, Rng(8))) > 0.01);
  CHECK(furthest(view, Embedder<Cpu>(backend).embed_view(pixels, store, set, warp, 3, Rng(7))) > 0.01);
}

TEST_CASE("views are made of pictures larger than what the net reads") {
  const sseg::Flatten pixels;
  const auto store = sseg::make_store<float>(pixels, 0, Rng(1));
  Cpu backend(1);
  const Features small =
      Embedder<Cpu>(backend).embed_view(pixels, store, random_images(2), sseg::Frame{.side = 4}, 0, Rng(8));
  CHECK((small.dim == 16 && small.size() == 2));
}

}  // namespace embed_test
