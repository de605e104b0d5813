#include "sseg/fewshot/embed.hpp"

#include <cmath>
#include <vector>

#include "sseg/augment/frame.hpp"
#include "sseg/augment/warp.hpp"
#include "sseg/backend/cpu.hpp"
#include "sseg/data/images.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/net/reseat.hpp"
#include "sseg/net/seed_network.hpp"
#include "support/catch.hpp"

using sseg::Cpu;
using sseg::Embedder;
using sseg::Features;
using sseg::Images;
using sseg::Index;
using sseg::Rng;

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

double furthest(const Features& a, const Features& b) {
  REQUIRE(a.rows.size() == b.rows.size());
  double most = 0;
  for (Index i = 0; i < a.rows.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a.rows[i]) - static_cast<double>(b.rows[i])));
  return most;
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

TEST_CASE("averaged features without copies are the features scaled to unit length") {
  const auto [net, store] = net_and_store();
  Cpu backend(1);
  const Images set = random_images(7);
  const Features plain = Embedder<Cpu>(backend).embed(net, store, set);
  const Features unit =
      Embedder<Cpu>(backend).embed_averaged(net, store, set, sseg::Frame{.side = 8}, sseg::Warp{}, 0, Rng(1));
  for (Index i = 0; i < 7; ++i) {
    CHECK(length(unit, i) == Approx(1).epsilon(1e-5));
    for (Index d = 0; d < plain.dim; ++d)
      REQUIRE(static_cast<double>(unit.row(i).data[d]) ==
              Approx(static_cast<double>(plain.row(i).data[d]) / length(plain, i)).margin(1e-6));
  }
}

TEST_CASE("averaged features are the mean over the image and its copies, drawn from stream, image and copy alone") {
  const sseg::Flatten net;  // the features are the pixels
  const auto store = sseg::make_store<float>(net, 0, Rng(1));
  Cpu backend(2);
  const Images set = random_images(5);
  const sseg::Warp warp{};
  const Features mean =
      Embedder<Cpu>(backend, 2).embed_averaged(net, store, set, sseg::Frame{.side = 8}, warp, 3, Rng(8));
  for (Index i = 0; i < 5; ++i) {
    std::vector<double> expected(64);
    for (int k = -1; k < 3; ++k) {
      std::vector<float> copy(set.image(i).flat().begin(), set.image(i).flat().end());
      Rng draw = Rng(8).split(static_cast<std::uint64_t>(i)).split(static_cast<std::uint64_t>(k));
      if (k >= 0) warp(draw, set.image(i), {copy.data(), set.shape});
      double squares = 0;
      for (const float v : copy) squares += static_cast<double>(v * v);
      for (std::size_t d = 0; d < 64; ++d) expected[d] += static_cast<double>(copy[d]) / std::sqrt(squares) / 4;
    }
    for (std::size_t d = 0; d < 64; ++d)
      REQUIRE(static_cast<double>(mean.row(i).data[d]) == Approx(expected[d]).margin(1e-6));
  }
  CHECK(Embedder<Cpu>(backend, 100).embed_averaged(net, store, set, sseg::Frame{.side = 8}, warp, 3, Rng(8)).rows ==
        mean.rows);
  CHECK(furthest(mean, Embedder<Cpu>(backend).embed_averaged(net, store, set, sseg::Frame{.side = 8}, warp, 3,
                                                             Rng(7))) > 0.001);
}

TEST_CASE("copies side by side are the features whose mean the averaged ones are") {
  const auto [net, store] = net_and_store();
  Cpu backend(2);
  const Images set = random_images(5);
  const sseg::Frame frame{.side = 8};
  Embedder<Cpu> embedder(backend, 3);
  const Features mean = embedder.embed_averaged(net, store, set, frame, sseg::Warp{}, 3, Rng(8));
  const Features side = embedder.embed_copies(net, store, set, frame, sseg::Warp{}, 3, Rng(8));
  REQUIRE(side.dim == 4 * mean.dim);
  REQUIRE(side.size() == mean.size());
  const Features framed = embedder.embed_averaged(net, store, set, frame, sseg::Warp{}, 0, Rng(8));
  for (Index i = 0; i < mean.size(); ++i)
    for (Index d = 0; d < mean.dim; ++d) {
      CHECK(side.row(i).data[d] == framed.row(i).data[d]);
      float sum = 0;
      for (Index k = 0; k < 4; ++k) sum += side.row(i).data[k * mean.dim + d];
      REQUIRE(static_cast<double>(sum / 4) == Approx(static_cast<double>(mean.row(i).data[d])).margin(1e-6));
    }
}
