#include "sseg/fewshot/knn_probe.hpp"

#include "sseg/backend/reference.hpp"
#include "sseg/layer/flatten.hpp"
#include "sseg/net/reseat.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace knn_probe_test {

using sseg::Images;
using sseg::Index;
using sseg::KnnProbe;
using sseg::Rng;

namespace {

/// Noisy pictures of 4 · 4, each class with an edge of its own that is dark.
Images edges(Index each) {
  Images all{"edges", {4, 4, 1}, sseg::Buffer<float>(4 * each * 16), {}, {}, {}, {}};
  Rng rng(3);
  for (Index i = 0; i < 4 * each; ++i) {
    all.label.push_back(i % 4);
    const auto picture = all.image(i);
    for (Index y = 0; y < 4; ++y)
      for (Index x = 0; x < 4; ++x) {
        const Index side[]{y, 3 - y, x, 3 - x};
        picture.data[y * 4 + x] = 0.3f * rng.uniform() + (side[i % 4] == 0 ? 1.f : 0.f);
      }
  }
  return all;
}

double measure(const KnnProbe& probe) {
  sseg::Reference<float> backend;
  return probe.measure(backend, sseg::Flatten{}, sseg::make_store<float>(sseg::Flatten{}, 0, Rng(1)));
}

}  // namespace

TEST_CASE("classes that look unlike are told by their neighbours, labels that mean nothing are not") {
  Images pictures = edges(20);
  const KnnProbe probe(pictures);
  CHECK(probe.size() == 80);
  CHECK(measure(probe) == 1);
  Rng(5).shuffle(std::span(pictures.label));
  const double chance = measure(KnnProbe(pictures));
  CHECK((chance > 0.02 && chance < 0.5));
}

TEST_CASE("pictures without labels cannot be watched") {
  Images pictures = edges(2);
  pictures.label.clear();
  CHECK_THAT(sseg_test::message_of([&] { const KnnProbe probe(pictures); }),
             sseg_test::Contains("no labels") && sseg_test::Contains("data.knn_images"));
}

}  // namespace knn_probe_test
