#include "sseg/experiment/folder_classifier.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "sseg/experiment/answer_writer.hpp"
#include "sseg/experiment/presets.hpp"
#include "support/catch.hpp"
#include "unit/experiment/classifier_maker.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace folder_classifier_test {

using namespace sseg;
using sseg_test::as_files;
using sseg_test::Contains;
using sseg_test::evaluator_labels;
using sseg_test::message_of;
using sseg_test::picture_of;
using sseg_test::SplitPictures;
using sseg_test::TempFolder;
using sseg_test::untrained_checkpoint;
using sseg_test::write_pictures;

namespace {

RunConfig shapes_config() {
  RunConfig c = demo_config();
  c.data.image_size = 20;
  c.data.count = 60;
  c.evolution.seed_network.initial_channels = 8;
  c.ssl.projector = {.hidden = 16, .out = 8};
  c.evaluation.whitening.images = 60;
  return c;
}
RunConfig curriculum_run() {
  RunConfig c = curriculum_config();
  c.data.image_size = 16;
  c.data.count = 20;
  c.evolution.seed_network = {.initial_channels = 8, .num_blocks = 2};
  c.ssl.projector = {.hidden = 16, .out = 8};
  c.evaluation.whitening.images = 60;
  c.evaluation.copies = 0;
  return c;
}
/// Three simple patterns of 16×16 with a little noise, `each` of every one: stripes down, stripes across, a disc.
Images patterns(Index each) {
  Images all{"patterns", {16, 16, 1}, Buffer<float>(3 * each * 256), {}, {}, {"a", "b", "c"}, {}};
  Rng rng(3);
  for (Index i = 0; i < all.size(); ++i) {
    const Index k = i % 3, shift = rng.below(2);
    all.label.push_back(k);
    for (Index y = 0; y < 16; ++y)
      for (Index x = 0; x < 16; ++x) {
        const bool disc = (x - 8) * (x - 8) + (y - 8) * (y - 8) < 30;
        const bool on = k == 0 ? (x + shift) / 4 % 2 == 0 : k == 1 ? (y + shift) / 4 % 2 == 0 : disc;
        all.image(i).data[y * 16 + x] = (on ? 0.8f : 0.1f) + 0.1f * rng.uniform();
      }
  }
  return all;
}
Picture noise(std::uint64_t seed) {
  Picture p{16, 16, 1, {}};
  Rng rng(seed);
  for (int i = 0; i < 256; ++i) p.bytes.push_back(static_cast<std::uint8_t>(rng.below(256)));
  return p;
}
RunConfig pattern_config() {
  RunConfig c = shapes_config();
  c.data.image_size = 16;
  return c;
}
std::vector<QueryResult> results_of(FolderClassifier<Cpu>& classifier, Cpu& cpu, const std::filesystem::path& queries,
                                    Index batch = 64) {
  std::vector<QueryResult> all;
  const QueryPictures pictures(queries);
  classify_queries(
      cpu, classifier, pictures, [&](const QueryResult& r) { all.push_back(r); }, batch);
  return all;
}
std::vector<Index> nearest(const std::vector<QueryResult>& results) {
  std::vector<Index> all;
  all.reserve(results.size());
  for (const QueryResult& r : results) all.push_back(r.answer ? r.answer->nearest : -1);
  return all;
}
std::string text_of(const std::filesystem::path& file) { return read_file(file, Index{1} << 24); }

}  // namespace

TEST_CASE("A folder of pictures is classified exactly as the evaluator does it") {
  const auto check = [](const RunConfig& c, const AnyDataset& training, const Images& labelled,
                        const std::string& features) {
    const TempFolder folder;
    const auto file = untrained_checkpoint(c, training, folder / "checkpoint.safetensors");
    const Images images = as_files(labelled);
    const SplitPictures split = write_pictures(images, 3, folder);
    const ClassifierNet net = load_classifier_net(file, {.features = features});
    CHECK(net.whitened == (features != "plain"));
    Cpu cpu(2);
    FolderClassifier classifier(cpu, net, load_examples(folder / "examples", net));
    const auto results = results_of(classifier, cpu, folder / "queries");
    REQUIRE(results.size() > 20);
    CHECK(nearest(results) == evaluator_labels(net, images, split));
  };
  const RunConfig shapes = shapes_config(), curriculum = curriculum_run();
  for (const std::string features : {"plain", "whitened"}) {
    check(shapes, training_shapes(shapes), held_back_shapes(shapes), features);
    const Images all = held_back_curriculum(curriculum);
    std::vector<Index> level_one;
    for (Index i = 0; i < all.size(); ++i)
      if (all.group[to_size(i)] == 0) level_one.push_back(i);
    check(curriculum, training_curriculum(curriculum), all.subset(level_one), features);
  }
}

TEST_CASE("With copies too, averaged and best match, as the evaluator sees each picture by itself") {
  RunConfig c = shapes_config();
  c.evaluation.copies = 3;
  for (const std::string match : {"mean", "best"}) {
    c.evaluation.match = match;
    const TempFolder folder;
    const auto file = untrained_checkpoint(c, training_shapes(c), folder / "checkpoint.safetensors");
    std::vector<Index> some;
    for (Index i = 0; i < 40; ++i) some.push_back(i);
    const Images images = as_files(held_back_shapes(c).subset(some));
    const SplitPictures split = write_pictures(images, 2, folder);
    const ClassifierNet net = load_classifier_net(file);
    Cpu cpu(2);
    FolderClassifier classifier(cpu, net, load_examples(folder / "examples", net));
    CHECK(nearest(results_of(classifier, cpu, folder / "queries")) == evaluator_labels(net, images, split, true));
    CHECK(load_classifier_net(file, {.copies = 0}).config.evaluation.match == "mean");
    CHECK(load_classifier_net(file, {.copies = 5}).config.evaluation.copies == 5);
  }
}

TEST_CASE("An answer depends on no other query, bit for bit, nor on batches or threads") {
  const TempFolder folder;
  RunConfig c = shapes_config();
  c.evaluation.copies = 2;
  const Images images = as_files(held_back_shapes(c));
  write_pictures(images, 2, folder);
  const ClassifierNet net =
      load_classifier_net(untrained_checkpoint(c, training_shapes(c), folder / "checkpoint.safetensors"));
  Cpu one(1), three(3);
  FolderClassifier alone(one, net, load_examples(folder / "examples", net));
  FolderClassifier together(three, net, load_examples(folder / "examples", net));
  CHECK(alone.classes().calibration == together.classes().calibration);
  const auto all = results_of(together, three, folder / "queries");
  const auto in_sevens = results_of(alone, one, folder / "queries", 7);
  REQUIRE(all.size() == in_sevens.size());
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(*all[i].answer == *in_sevens[i].answer);
  for (const std::size_t i : {std::size_t{0}, std::size_t{5}, all.size() - 1}) {
    const auto single = results_of(alone, one, folder / "queries" / all[i].path);
    REQUIRE(single.size() == 1);
    CHECK(*single[0].answer == *all[i].answer);
    CHECK(alone.classify(decode_picture(text_of(folder / "queries" / all[i].path), "query")) == *all[i].answer);
  }
}

TEST_CASE("What belongs to no class is rejected, what belongs to one is not") {
  const TempFolder folder;
  const RunConfig c = pattern_config();
  const Images examples = as_files(patterns(6));
  const ClassifierNet net =
      load_classifier_net(untrained_checkpoint(c, examples, folder / "checkpoint.safetensors"), {.features = "plain"});
  Cpu cpu(2);
  FolderClassifier classifier(cpu, net, examples);
  REQUIRE(classifier.classes().calibration.threshold);
  const Images more = patterns(20);
  for (Index i = 18; i < more.size(); ++i) {  // the first 18 are the examples
    const PictureAnswer a = classifier.classify(picture_of(more, i));
    CHECK(classifier.label(a) == more.classes[to_size(more.label[to_size(i)])]);
    CHECK((a.confidence > 0.5 && a.confidence <= 1 && a.runner_up != a.nearest && a.runner_up >= 0));
    CHECK(a.confidence + a.runner_up_confidence <= 1 + 1e-12);
  }
  for (std::uint64_t s = 0; s < 10; ++s) CHECK(classifier.label(classifier.classify(noise(s))) == "none of these");
  classifier.set_threshold(std::nullopt);
  CHECK_FALSE(classifier.classify(noise(1)).none_of_these);
  classifier.set_threshold(0.999999);
  CHECK(classifier.classify(picture_of(more, 30)).none_of_these);
}

TEST_CASE("Classes are kept in a file and give the same answers without their pictures") {
  const TempFolder folder;
  const RunConfig c = pattern_config();
  const auto checkpoint = untrained_checkpoint(c, patterns(8), folder / "checkpoint.safetensors");
  Cpu cpu(2);
  FolderClassifier first(cpu, load_classifier_net(checkpoint), as_files(patterns(3)));
  first.set_threshold(0.25);
  save_classes(folder / "classes.safetensors", first.classes());
  FolderClassifier again(cpu, load_classifier_net(folder.path()), load_classes(folder / "classes.safetensors"));
  CHECK(again.classes().names == std::vector<std::string>{"a", "b", "c"});
  CHECK(again.classes().calibration == first.classes().calibration);
  for (std::uint64_t s = 0; s < 5; ++s) CHECK(again.classify(noise(s)) == first.classify(noise(s)));
  first.set_threshold(std::nullopt);
  save_classes(folder / "never.safetensors", first.classes());
  CHECK_FALSE(load_classes(folder / "never.safetensors").calibration.threshold);

  const auto message = [&](const ClassifierOptions& options) {
    return message_of([&] {
      FolderClassifier(cpu, load_classifier_net(checkpoint, options), load_classes(folder / "classes.safetensors"));
    });
  };
  CHECK_THAT(message({.features = "plain"}), Contains("another net"));
  CHECK_THAT(message({.copies = 2}), Contains("another net"));
  CHECK_THAT(message_of([&] { load_classes(checkpoint); }), Contains("no file of classes"));
  std::string bytes = text_of(folder / "classes.safetensors");
  bytes[bytes.size() - 3] = static_cast<char>(bytes[bytes.size() - 3] + 1);
  folder.add("damaged.safetensors", bytes);
  CHECK_THAT(message_of([&] { load_classes(folder / "damaged.safetensors"); }), Contains("checksum"));
  const auto altered = [&](const auto& change) {  // with a right checksum: a file made on purpose
    SafeTensors file = SafeTensors::load(folder / "classes.safetensors");
    change(file);
    file.metadata["checksum"] = content_sum(file, "checksum");
    file.save(folder / "altered.safetensors");
    return message_of([&] { load_classes(folder / "altered.safetensors"); });
  };
  CHECK_THAT(altered([](SafeTensors& f) { f.metadata["format"] = "sseg-classes-9"; }), Contains("another version"));
  CHECK_THAT(altered([](SafeTensors& f) { f.metadata["scale"] = "nan"; }), Contains("'scale' is no number"));
  CHECK_THAT(altered([](SafeTensors& f) { f.metadata["left_out"] = "1e300"; }), Contains("left_out"));
  CHECK_THAT(altered([](SafeTensors& f) { f.metadata["names"] = R"({"a": 1})"; }), Contains("no list"));
  CHECK_THAT(altered([](SafeTensors& f) { f.metadata["names"] = "[1,2,3]"; }), Contains("no text"));
  CHECK_THAT(altered([](SafeTensors& f) { f.metadata["names"] = R"(["a","a","c"])"; }), Contains("one name"));
  CHECK_THAT(altered([](SafeTensors& f) { f.metadata["names"] = R"(["a","b"])"; }), Contains("no class"));
  const std::vector<std::int64_t> two{0, 1};
  CHECK_THAT(altered([&](SafeTensors& f) { f.put("label", {2}, std::span<const std::int64_t>(two)); }),
             Contains("do not fit"));
  const std::vector<float> flat(9, std::numeric_limits<float>::infinity());
  CHECK_THAT(altered([&](SafeTensors& f) { f.put("examples", {9}, std::span(flat)); }), Contains("no rows"));
  CHECK_THAT(altered([&](SafeTensors& f) { f.put("examples", {9, 1}, std::span(flat)); }), Contains("not a finite"));
}

TEST_CASE("Unreadable queries are named and counted, and every row tells what it should") {
  const TempFolder folder;
  const RunConfig c = pattern_config();
  const auto checkpoint = untrained_checkpoint(c, patterns(8), folder / "checkpoint.safetensors");
  const Images examples = as_files(patterns(4));
  folder.add("queries/deep/er/b.PNG", encode_png(picture_of(examples, 1)));
  folder.add("queries/a, \"quoted\".png", encode_png(picture_of(examples, 0)));
  folder.add("queries/broken.jpg", "\xff\xd8\xff but nothing more");
  folder.add("queries/empty.png", "");
  folder.add("queries/notes.txt", "no picture by its name");
  folder.add("queries/noise.png", encode_png(noise(1)));
  Cpu cpu(2);
  FolderClassifier classifier(cpu, load_classifier_net(checkpoint, {.features = "plain"}), examples);
  const QueryPictures queries(folder / "queries");
  REQUIRE(queries.size() == 5);
  const auto write = [&](const std::string& format) {
    AnswerWriter writer(classifier, format, folder / ("answers." + format));
    const QueryCounts counts = classify_queries(
        cpu, classifier, queries, [&](const QueryResult& r) { writer.add(r); }, 2);
    CHECK((counts.known == 2 && counts.none_of_these == 1 && counts.unreadable == 2 && counts.all() == 5));
    CHECK_FALSE(std::filesystem::exists(folder / ("answers." + format)));  // whole or not at all
    writer.finish();
    return text_of(folder / ("answers." + format));
  };
  CHECK_THAT(message_of([&] { AnswerWriter(classifier, "csv", folder / "no_such_folder" / "answers.csv"); }),
             Contains("cannot be written there"));
  const std::string csv = write("csv");
  CHECK_THAT(
      csv, Contains("path,label,confidence,runner_up,runner_up_confidence,score,reason\n\"a, \"\"quoted\"\".png\",a,"));
  CHECK_THAT(csv, Contains("\nbroken.jpg,unreadable,,,,,"));
  CHECK_THAT(csv, Contains("\nempty.png,unreadable,,,,,"));
  CHECK_THAT(csv, Contains("\nnoise.png,none of these,,"));
  CHECK_THAT(csv, Contains("\ndeep/er/b.PNG,b,"));
  const Json json = parse_json(write("json"), "answers.json");
  CHECK(json["classes"] == Json{"a", "b", "c"});
  CHECK(json["protocol"] == "cosine of features");
  REQUIRE(json["answers"].size() == 5);
  CHECK(json["answers"][0]["label"] == "a");
  CHECK(json["answers"][0]["confidence"].get<double>() > 0.5);
  CHECK(json["answers"][1]["label"] == "unreadable");
  CHECK_FALSE(json["answers"][1]["reason"].get<std::string>().empty());
  CHECK(json["answers"][4]["label"] == "none of these");
  CHECK(json["answers"][4]["confidence"].is_null());
  CHECK(json["answers"][4]["runner_up"].is_string());
  CHECK_THAT(message_of([&] { AnswerWriter(classifier, "xml", "-"); }), Contains("csv or json"));

  // Read batch by batch: what goes away meanwhile is missed.
  std::vector<QueryResult> seen;
  classify_queries(
      cpu, classifier, queries,
      [&](const QueryResult& r) {
        seen.push_back(r);
        std::filesystem::remove(folder / "queries" / "noise.png");
      },
      2);
  REQUIRE(seen.size() == 5);
  CHECK((seen[0].answer && !seen[4].answer && seen[4].path == "noise.png"));

  // One file that is no picture: a row, too.
  const auto one = results_of(classifier, cpu, folder / "queries" / "broken.jpg");
  REQUIRE(one.size() == 1);
  CHECK_FALSE(one[0].answer);
}

TEST_CASE("Pictures of any size and colour are brought to what the net reads") {
  const TempFolder folder;
  const RunConfig c = pattern_config();
  const auto checkpoint = untrained_checkpoint(c, patterns(8), folder / "checkpoint.safetensors");
  Cpu cpu(2);
  FolderClassifier classifier(cpu, load_classifier_net(checkpoint), as_files(patterns(4)));
  const Picture gray = picture_of(patterns(4), 5);
  const PictureAnswer answer = classifier.classify(gray);
  CHECK(classifier.classify(with_channels(gray, 3)) == answer);     // equal channels: the same luma
  Picture large{32, 48, 1, std::vector<std::uint8_t>(32 * 48, 0)};  // twice as large, a margin on both sides
  for (Index y = 0; y < 32; ++y)
    for (Index x = 0; x < 32; ++x) large.bytes[to_size(y * 48 + x + 8)] = gray.bytes[to_size(y / 2 * 16 + x / 2)];
  CHECK(classifier.classify(large).nearest == answer.nearest);
  CHECK(classifier.classify(large).score == Approx(answer.score).margin(0.1));

  RunConfig folder_run = image_folder_config();
  folder_run.data.path = "pictures";
  folder_run.data.oversample = 2;
  CHECK(evaluation_shape(folder_run, 3) == Shape{128, 128, 3});
  CHECK(evaluation_shape(cifar_fs_config(), 3) == Shape{32, 32, 3});
  CHECK(evaluation_shape(omniglot_config(), 1) == Shape{104, 104, 1});
  CHECK(evaluation_shape(demo_config(), 1) == Shape{28, 28, 1});
  CHECK(evaluation_shape(idx_config(), 1) == Shape{28, 28, 1});
  RunConfig larger = idx_config();
  larger.data.image_size = 40;
  CHECK(evaluation_shape(larger, 1) == Shape{40, 40, 1});

  // A drawing that is not square gets paper, not another form: 7 wide stays 7 of 21 parts.
  RunConfig drawings = omniglot_config();
  drawings.data.center = false;
  drawings.data.oversample = 1;
  drawings.data.image_size = 21;
  std::vector<float> out(21 * 21);
  evaluation_picture(drawings, Picture{21, 7, 3, std::vector<std::uint8_t>(21 * 7 * 3, 0)}, {out.data(), {21, 21, 1}});
  for (std::size_t i = 0; i < out.size(); ++i) CHECK(out[i] == Approx(i % 21 >= 7 && i % 21 < 14 ? 1.f : 0.f));
}

TEST_CASE("What a classifier cannot work with is said") {
  const TempFolder folder;
  const RunConfig c = pattern_config();
  const auto checkpoint = untrained_checkpoint(c, patterns(8), folder / "checkpoint.safetensors", false);
  const ClassifierNet net = load_classifier_net(checkpoint);
  CHECK_FALSE(net.whitened);  // an interrupted run leaves no statistics
  CHECK(net.protocol() == "cosine of features");
  CHECK_THAT(message_of([&] { load_classifier_net(checkpoint, {.features = "whitened"}); }), Contains("no whitening"));
  CHECK_THAT(message_of([&] { load_classifier_net(checkpoint, {.features = "grey"}); }), Contains("auto, plain"));
  CHECK_THAT(message_of([&] { load_classifier_net(folder / "nowhere"); }), Contains("nowhere"));
  const auto loaded = load_checkpoint<MainNet>(checkpoint);
  save_checkpoint(folder / "bare.safetensors", loaded.state, loaded.image, Json::object());
  CHECK_THAT(message_of([&] { load_classifier_net(folder / "bare.safetensors"); }), Contains("how its pictures"));
  RunConfig other = c;
  other.data.image_size = 20;
  save_checkpoint(folder / "other.safetensors", loaded.state, loaded.image, fields_to_json(other));
  CHECK_THAT(message_of([&] { load_classifier_net(folder / "other.safetensors"); }), Contains("other pictures"));

  const std::string png = encode_png(picture_of(patterns(1), 0));
  folder.add("one/cat/1.png", png);
  folder.add("empty/cat/1.png", png);
  std::filesystem::create_directories(folder / "empty/dog");
  folder.add("flat/1.png", png);
  folder.add("flat/cat/1.png", png);
  folder.add("corrupt/cat/1.png", "no picture");
  folder.add("corrupt/dog/1.png", png);
  folder.add("nothing/readme.txt", "");
  const auto message = [&](const std::string& name) { return message_of([&] { load_examples(folder / name, net); }); };
  CHECK_THAT(message("empty"), Contains("'dog' holds no picture"));
  CHECK_THAT(message("flat"), Contains("one sub-folder of pictures for each class"));
  CHECK_THAT(message("corrupt"), Contains("cat/1.png"));
  CHECK_THAT(message("nothing"), Contains("no pictures"));
  CHECK_THAT(message("missing"), Contains("no such file or folder"));
  CHECK_THAT(message_of([&] { QueryPictures(folder / "nothing"); }), Contains("no pictures"));

  Cpu cpu(1);
  FolderClassifier one(cpu, net, load_examples(folder / "one", net));  // one class: everything is of it
  CHECK(one.label(one.classify(noise(1))) == "cat");
  CHECK(one.classify(noise(1)).confidence == 1);
  CHECK(one.classify(noise(1)).runner_up == -1);
  CHECK_THAT(message_of([&] { results_of(one, cpu, folder / "one"); }), Contains("one class and no threshold"));
  one.set_threshold(0.5);
  CHECK(results_of(one, cpu, folder / "one").size() == 1);
  Images named = as_files(patterns(1));
  named.classes[1] = "none of these";
  CHECK_THAT(message_of([&] { FolderClassifier(cpu, net, named); }), Contains("stands for something else"));
  named.label.clear();
  CHECK_THAT(message_of([&] { FolderClassifier(cpu, net, named); }), Contains("no labels"));
  Images small = as_files(patterns(1));
  small.shape = {8, 32, 1};
  CHECK_THAT(message_of([&] { FolderClassifier(cpu, net, small); }), Contains("another shape"));
  CHECK_THAT(message_of([&] { one.classify(small); }), Contains("another shape"));
  const std::vector<float> bad{0.5f, std::numeric_limits<float>::quiet_NaN()};
  CHECK_THAT(message_of([&] { answer_of(bad.data(), 2, {}); }), Contains("not a number"));
}

}  // namespace folder_classifier_test
