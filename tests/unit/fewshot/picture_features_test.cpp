#include "sseg/fewshot/picture_features.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
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
#include "unit/io/message_of.hpp"

namespace picture_features_test {

using namespace sseg;

namespace {

constexpr Frame frame{.side = 8};

Images random_images(Index n) {
  Images set{"random", {8, 8, 1}, Buffer<float>(n * 64), {}, {}, {}, {}};
  Rng rng(1);
  for (float& v : set.pixels) v = rng.uniform();
  return set;
}

auto net_and_store() {
  auto net = SeedNetwork{.initial_channels = 6, .num_blocks = 2}.build({8, 8, 1});
  auto store = make_store<float>(net, 0, Rng(2));
  return std::pair{net, store};
}

/// Pictures by their pixels.
PictureFeatures pixels(int threads, const Images& set, const PictureCopies& copies, const Rng& rng) {
  Cpu backend(threads);
  const Flatten net;
  return picture_features(backend, net, make_store<float>(net, 0, Rng(1)), set, frame, Warp{}, copies, rng);
}

}  // namespace

TEST_CASE("without copies pictures are known by the net's plain features, unscaled") {
  const auto [net, store] = net_and_store();
  Cpu backend(1);
  const Images set = random_images(7);
  const PictureFeatures known = picture_features(backend, net, store, set, frame, Warp{}, {}, Rng(1));
  CHECK(known.plain.rows == Embedder<Cpu>(backend).embed(net, store, set).rows);
  CHECK((known.centred.size() == 0 && known.whitened.size() == 0));
}

TEST_CASE("averaged features are the mean over the picture and its copies, drawn from stream, image and copy alone") {
  const Images set = random_images(5);
  const Features mean = pixels(2, set, {3, true}, Rng(8)).plain;
  for (Index i = 0; i < 5; ++i) {
    std::vector<double> expected(64);
    for (int k = -1; k < 3; ++k) {
      std::vector<float> copy(set.image(i).flat().begin(), set.image(i).flat().end());
      Rng draw = Rng(8).split(static_cast<std::uint64_t>(i)).split(static_cast<std::uint64_t>(k));
      if (k >= 0) Warp{}(draw, set.image(i), {copy.data(), set.shape});
      double squares = 0;
      for (const float v : copy) squares += static_cast<double>(v * v);
      for (std::size_t d = 0; d < 64; ++d) expected[d] += static_cast<double>(copy[d]) / std::sqrt(squares) / 4;
    }
    for (std::size_t d = 0; d < 64; ++d)
      REQUIRE(static_cast<double>(mean.row(i).data[d]) == Approx(expected[d]).margin(1e-6));
  }
  CHECK(pixels(1, set, {3, true}, Rng(8)).plain.rows == mean.rows);
  CHECK(sseg_test::furthest(pixels(1, set, {3, true}, Rng(7)).plain, mean) > 0.001);
}

TEST_CASE("copies side by side are the features whose mean the averaged ones are") {
  const Images set = random_images(5);
  const Features mean = pixels(2, set, {3, true}, Rng(8)).plain, side = pixels(2, set, {3, false}, Rng(8)).plain;
  REQUIRE(side.dim == 4 * mean.dim);
  REQUIRE(side.size() == mean.size());
  for (Index i = 0; i < mean.size(); ++i)
    for (Index d = 0; d < mean.dim; ++d) {
      float sum = 0;
      for (Index k = 0; k < 4; ++k) sum += side.row(i).data[k * mean.dim + d];
      REQUIRE(static_cast<double>(sum / 4) == Approx(static_cast<double>(mean.row(i).data[d])).margin(1e-6));
    }
}

TEST_CASE("each copy is centred and whitened by itself, before copies are averaged") {
  const auto [net, store] = net_and_store();
  Cpu backend(2);
  const Images set = random_images(5);
  Embedder<Cpu> embedder(backend);
  const BaseStatistics base = sseg_test::random_statistics(24, 6);
  const PictureFeatures known = picture_features(backend, net, store, set, frame, Warp{}, {2, true}, Rng(8), base);
  std::vector<Features> centred, whitened;
  for (Index k = 0; k < 3; ++k) {
    Features f = k == 0 ? embedder.embed(net, store, set) : embedder.embed_view(net, store, set, Warp{}, k - 1, Rng(8));
    centred.push_back(f);
    centre_rows(base, centred.back());
    whitened.push_back(std::move(f));
    whiten_rows(backend.threads(), base, whitened.back());
  }
  for (Index j = 0; j < known.plain.rows.size(); ++j) {
    const auto mean_of = [&](const std::vector<Features>& all) {
      return static_cast<double>(all[0].rows[j] + all[1].rows[j] + all[2].rows[j]) / 3;
    };
    REQUIRE(static_cast<double>(known.centred.rows[j]) == Approx(mean_of(centred)).margin(1e-6));
    REQUIRE(static_cast<double>(known.whitened.rows[j]) == Approx(mean_of(whitened)).margin(1e-6));
  }
  CHECK(sseg_test::furthest(known.centred, known.whitened) > 0.01);

  const PictureFeatures side = picture_features(backend, net, store, set, frame, Warp{}, {2, false}, Rng(8), base);
  CHECK(side.centred.size() == 0);
  REQUIRE(side.whitened.dim == 3 * whitened[0].dim);
  for (Index i = 0; i < 5; ++i)
    for (Index k = 0; k < 3; ++k)
      CHECK(std::equal(whitened[to_size(k)].row(i).data, whitened[to_size(k)].row(i).data + whitened[0].dim,
                       side.whitened.row(i).data + k * whitened[0].dim));
}

TEST_CASE("statistics of another net are refused") {
  const auto [net, store] = net_and_store();
  Cpu backend(1);
  const auto message = [&, &net = net, &store = store](const BaseStatistics& base) {
    return sseg_test::message_of(
        [&] { picture_features(backend, net, store, random_images(2), frame, Warp{}, {}, Rng(1), base); });
  };
  CHECK(message({.mean = std::vector<float>(23)}).find("another length") != std::string::npos);
  CHECK(message({.mean = std::vector<float>(24), .whitening = std::vector<float>(25)}).find("other channels") !=
        std::string::npos);
}

}  // namespace picture_features_test
