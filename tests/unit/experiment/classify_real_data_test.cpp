#include <algorithm>
#include <cstdio>
#include <optional>

#include "sseg/data/cifar_fs.hpp"
#include "sseg/data/omniglot.hpp"
#include "sseg/experiment/classify_queries.hpp"
#include "sseg/experiment/presets.hpp"
#include "sseg/experiment/pretrain.hpp"
#include "support/catch.hpp"
#include "support/data_dir.hpp"
#include "unit/experiment/classifier_maker.hpp"

namespace classify_real_data_test {

using namespace sseg;
using sseg_test::evaluator_labels;
using sseg_test::real_data;
using sseg_test::SplitPictures;
using sseg_test::TempFolder;
using sseg_test::write_pictures;

namespace {

/// The pictures of classes `first` … `end` − 1, as classes from 0, at most `most` of each.
Images classes_of(const Images& all, Index first, Index end, Index most) {
  std::vector<Index> chosen, count(all.classes.size());
  for (Index i = 0; i < all.size(); ++i)
    if (const Index k = all.label[to_size(i)]; k >= first && k < end && count[to_size(k)]++ < most) chosen.push_back(i);
  Images some = all.subset(chosen);
  for (Index& k : some.label) k -= first;
  some.classes = {all.classes.begin() + first, all.classes.begin() + end};
  return some;
}
void shorten(RunConfig& c) {
  c.evolution.seed_network.initial_channels = 8;
  c.evolution.growth.trigger.kind = "never";
  c.ssl.projector = {.hidden = 32, .out = 16};
  c.data.probe_images = 32;
  c.train = {.steps = 30, .batch = 32, .probe_every = 30, .recalibrate_steps = 1};
  c.evaluation.whitening.images = 200;
}
ClassifierNet trained(const RunConfig& c, const Images& images, const TempFolder& folder) {
  Cpu cpu(2);
  const RunFolder run = RunFolder::create(folder / "runs", c.name);
  std::FILE* quiet = std::fopen("/dev/null", "w");
  const auto result = pretrain(cpu, c, images, run, {false}, std::nullopt, quiet);
  std::fclose(quiet);
  REQUIRE(result.finished());
  return load_classifier_net(run.path());
}
std::vector<Index> classified(const ClassifierNet& net, const TempFolder& folder) {
  Cpu cpu(2);
  FolderClassifier classifier(cpu, net, load_examples(folder / "examples", net));
  std::vector<Index> labels;
  const QueryPictures queries(folder / "queries");
  classify_queries(cpu, classifier, queries,
                   [&](const QueryResult& r) { labels.push_back(r.answer ? r.answer->nearest : -1); });
  return labels;
}
double accuracy(const std::vector<Index>& labels, const Images& images, const SplitPictures& split) {
  Index right = 0;
  for (std::size_t q = 0; q < labels.size(); ++q) right += labels[q] == images.label[to_size(split.queries[q])];
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace

TEST_CASE("A folder made from CIFAR-FS validation classes is classified as the evaluator does it") {
  const auto data = real_data("cifar-100-binary.tar.xz");
  if (!data) SSEG_SKIP("no cifar-100-binary.tar.xz in SSEG_DATA_DIR");
  const Images all = to_float(load_cifar_fs(*data, Split::validation));
  RunConfig c = cifar_fs_config();
  shorten(c);
  c.data.path = data->string();
  c.evaluation.copies = 0;
  const TempFolder folder;
  const ClassifierNet net = trained(c, classes_of(all, 5, 16, 60), folder);
  REQUIRE(net.whitened);
  const Images five = classes_of(all, 0, 5, 60);
  const SplitPictures split = write_pictures(five, 5, folder);
  const auto labels = classified(net, folder), expected = evaluator_labels(net, five, split);
  CHECK(labels == expected);
  CHECK(accuracy(labels, five, split) == accuracy(expected, five, split));
  CHECK(accuracy(labels, five, split) > 0.25);  // above chance, 0.2
}

TEST_CASE("A folder made from Omniglot drawings is classified as the evaluator does it") {
  const auto data = real_data("omniglot");
  if (!data) SSEG_SKIP("no omniglot in SSEG_DATA_DIR");
  const auto zip = *data / "images_background_small1.zip";
  RunConfig c = omniglot_config();
  shorten(c);
  c.data.image_size = 28;
  c.evolution.seed_network.num_blocks = 2;  // four would leave one place of 8 channels
  c.data.path = zip.string();
  const Images drawings = load_omniglot(zip, omniglot_options(c.data, c.data.oversample));
  const Images ten = classes_of(drawings, 0, 10, 8);
  const OmniglotOptions as_drawn{.size = 105, .center = false, .ink_is_one = false};
  const Images drawn = classes_of(load_omniglot(zip, as_drawn), 0, 10, 8);
  for (const Index copies : {Index{0}, Index{3}}) {
    c.evaluation.copies = copies;
    c.evaluation.match = copies > 0 ? "best" : "mean";
    const TempFolder folder;
    const SplitPictures split = write_pictures(drawn, 2, folder);
    const ClassifierNet net = trained(c, classes_of(drawings, 10, 60, 8), folder);
    const auto labels = classified(net, folder), expected = evaluator_labels(net, ten, split, copies > 0);
    CHECK(labels == expected);
    CHECK(accuracy(labels, ten, split) > 0.4);  // chance: 0.1
  }
}

}  // namespace classify_real_data_test
