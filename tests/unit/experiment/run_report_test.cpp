#include "sseg/experiment/run_report.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include "sseg/experiment/few_classes.hpp"
#include "sseg/io/read_file.hpp"
#include "support/catch.hpp"
#include "support/xml_check.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace run_report_test {

using sseg::few_classes;
using sseg::Images;
using sseg::Index;
using sseg::MetricsRow;
using sseg::MutationRecord;
using sseg::RunLook;
using sseg::RunResults;
using sseg_test::Contains;
using sseg_test::message_of;
using sseg_test::XmlCheck;

namespace {

MutationRecord mutation(Index step, const std::string& net) {
  MutationRecord m;
  m.step = step, m.kind = "grow", m.place = "stage <0>", m.net_after = net;
  m.params_before = 100, m.params_after = 150, m.macs_before = 1000, m.macs_after = 1500;
  m.probe_before = 0.25, m.probe_after = 0.25;
  return m;
}

RunResults grown_run() {
  RunResults run{.label = "demo/<now>"};
  for (Index i = 1; i <= 6; ++i)
    run.metrics.push_back({.step = 10 * i,
                           .loss = 3. / static_cast<double>(i),
                           .rate = 0.01f,
                           .probe = 0.1 * static_cast<double>(i),
                           .params = 100,
                           .macs = 1000});
  run.history = {mutation(20, "32+1 > 32"), mutation(40, "32+2 > 32")};
  run.few_shot.push_back({.net = "trained",
                          .dataset = "shapes",
                          .split = "held back",
                          .protocol = "prototypes, cosine, inductive",
                          .way = 5,
                          .shot = 1,
                          .query = 15,
                          .episodes = 100,
                          .accuracy = 61.5,
                          .ci95 = 1.25});
  return run;
}

/// Pictures of 2 · 2 of some classes, `each` of each.
Images pictures(Index classes, Index each) {
  Images all{"made up", {2, 2, 1}, {}, {}, {}, {}, {}};
  all.pixels.resize(classes * each * 4);
  for (Index k = 0; k < classes; ++k) {
    all.classes.push_back("class <" + std::to_string(k) + ">");
    for (Index i = 0; i < each; ++i) all.label.push_back(k);
  }
  return all;
}

RunLook made_up_look() {
  sseg::ClassesSeen seen{.images = pictures(2, 3), .split = "held back"};
  sseg::Features features{2, sseg::Buffer<float>(12)};
  for (Index i = 0; i < 12; ++i) features.rows[i] = static_cast<float>(i * i % 7);
  seen.map = principal_axes(features);
  seen.episode = {{{2, 1, 2}, {0, 3}, {1, 2, 4, 5}}, {0, 1, 1, 1}, {}};
  seen.episodes = 7;
  seen.confusion = {2, {3, 1, 0, 4}, {4, 4, 4, 4}};
  RunLook look{.net = "32+2 > 32", .views = sseg::Picture{2, 2, 1, {0, 1, 2, 3}}, .missing = {"No <such> thing"}};
  look.classes = seen;
  return look;
}

std::filesystem::path fresh_folder() {
  auto folder = std::filesystem::temp_directory_path() / "sseg_run_report_test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

TEST_CASE("a run's report is one well-formed page with every part, the same bytes twice") {
  const std::string page = run_report(grown_run(), made_up_look());
  CHECK(XmlCheck(page, true).fault() == "");
  CHECK(page == run_report(grown_run(), made_up_look()));
  for (const char* part :
       {">Training</h2>", ">Growth</h2>", ">Results</h2>", ">Cost</h2>", ">One episode</h2>",
        "<title>Run demo/&lt;now&gt;</title>",
        "The net grew 2 times, to 32+2 &gt; 32 channels: from 100 to 150 parameters.", "61.5 ± 1.2 %",
        "No &lt;such&gt; thing", "<span class=\"right\">✓ class &lt;0&gt;</span>",
        "<span class=\"wrong\">✗ class &lt;1&gt;</span>", "75 % are right",
        "class &lt;0&gt; taken for class &lt;1&gt;: 25.0 %", "confusions over 7 episodes of 2-way 1-shot",
        "initial_channels: 32", "fork_growth --checkpoint RUN_FOLDER tells"})
    CHECK_THAT(page, Contains(part));
  for (const char* outside : {"http:", "https:", "<script", "url("}) {
    const auto at = page.find(outside);
    CHECK((at == page.npos || page.compare(at, 24, "http://www.w3.org/2000/s") == 0));
  }
}

TEST_CASE("what a run does not have is left out, in a sentence with the cure") {
  RunResults bare{.label = "demo/bare"};
  const std::string page = run_report(bare);
  CHECK(XmlCheck(page, true).fault() == "");
  CHECK_THAT(page, Contains("No metrics.csv: train_sseg writes it"));
  CHECK_THAT(page, Contains("The net did not change while it trained."));
  CHECK_THAT(page, Contains("Not evaluated: evaluate_fewshot --checkpoint RUN_FOLDER"));
  CHECK(page.find("One episode") == page.npos);
  CHECK(page.find("Curriculum</h2>") == page.npos);
}

TEST_CASE("a curriculum has its levels over time and a line of pictures for each") {
  RunResults run = grown_run();
  for (MetricsRow& m : run.metrics) m.level_1 = 0.75, m.level_2 = 0.25;
  RunLook look;
  look.levels = {{1, 2, 1, {0, 255}}, {1, 2, 1, {255, 0}}};
  const std::string page = run_report(run, look);
  CHECK(XmlCheck(page, true).fault() == "");
  CHECK_THAT(page, Contains("level 1: 0.75 at 10"));
  CHECK_THAT(page, Contains("alt=\"Level 2\""));
}

TEST_CASE("a map by t-SNE stands beside the principal axes where it was asked for") {
  RunLook look = made_up_look();
  CHECK(run_report(grown_run(), look).find("t-SNE") == std::string::npos);
  look.classes->tsne = sseg::TsneMap{std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3}, 0.25, 2};
  const std::string page = run_report(grown_run(), look);
  CHECK(XmlCheck(page, true).fault() == "");
  CHECK_THAT(page, Contains("The same features by t-SNE") && Contains("divergence 0.25"));
}

TEST_CASE("the accuracy of neighbours has its curve where it was watched") {
  RunResults run = grown_run();
  CHECK(run_report(run).find("nearest neighbours") == std::string::npos);
  for (std::size_t i = 2; i < run.metrics.size(); ++i) run.metrics[i].knn = 0.5;  // switched on when the run went on
  const std::string page = run_report(run);
  CHECK(XmlCheck(page, true).fault() == "");
  CHECK_THAT(page, Contains("Accuracy of 20 nearest neighbours"));
}

TEST_CASE("the architecture begins with the net that the run began with, where it is known") {
  const auto architecture = [](const RunLook& look) {
    for (const auto& plot : run_plots(grown_run(), look))
      if (plot.name == "architecture") return plot.svg;
    return std::string();
  };
  RunLook look = made_up_look();
  CHECK(architecture(look).find("as it began") == std::string::npos);
  look.first_net = "24 > 20";
  CHECK_THAT(architecture(look), Contains("step 0, as it began") && Contains("24 channels, 0 residual blocks"));
}

TEST_CASE("report and plots lie in the run's folder") {
  const auto folder = fresh_folder();
  const auto path = write_run_report(folder, grown_run(), made_up_look());
  CHECK(path == folder / "report.html");
  CHECK(sseg::read_file(path, 1 << 24) == run_report(grown_run(), made_up_look()));
  for (const char* name :
       {"loss", "probe", "rate", "params", "macs", "cost", "architecture", "few_shot", "embedding", "confusion"}) {
    const std::string svg = sseg::read_file(folder / "plots" / (std::string(name) + ".svg"), 1 << 24);
    CHECK(XmlCheck(svg).fault() == "");
    CHECK_THAT(svg, Contains("<style>"));
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("a stretch after a mutation ends at the look before the next one") {
  const auto tables = mutation_gains(grown_run());
  REQUIRE(tables.size() == 1);
  const auto& rows = tables[0].rows;
  CHECK(rows[0][4].value == Approx(0.4));  // step 40: the second mutation is made after that look
  CHECK(rows[0][5].value == Approx(0.15));
  CHECK(rows[0][6].value == Approx(2));
  CHECK(rows[1][4].value == Approx(0.6));
  CHECK(rows[1][7].value == Approx(50));
  CHECK_THAT(tables[0].notes.at(0), Contains("no proof"));
  CHECK(mutation_gains(RunResults{}).empty());
  RunResults stopped = grown_run();
  stopped.metrics.resize(2);
  CHECK(!mutation_gains(stopped)[0].rows[0][5].value);
}

TEST_CASE("few classes are those of the group with most, with labels from 0") {
  Images all = pictures(4, 3);
  all.label[3] = -1;
  all.group = {0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0};
  const Images some = few_classes(all, 2, 2);
  CHECK(some.label == std::vector<Index>{0, 0, 1, 1});
  CHECK((some.classes == std::vector<std::string>{"class <0>", "class <1>"} && some.group.empty()));
  CHECK(few_classes(all).classes.size() == 3);
  all.label.clear();
  CHECK_THAT(message_of([&] { return few_classes(all); }), Contains("these pictures have no labels"));
  CHECK_THAT(message_of([&] { return few_classes(pictures(3, 1)); }), Contains("no two classes of two pictures"));
}

}  // namespace run_report_test
