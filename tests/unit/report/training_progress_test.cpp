#include "sseg/report/training_progress.hpp"

#include "support/captured_file.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"

namespace training_progress_test {

using sseg::MutationRecord;
using sseg::TrainingProgress;
using sseg_test::CapturedFile;
using sseg_test::Contains;

TEST_CASE("training progress shows steps, loss and, once known, the probe") {
  CapturedFile out;
  TrainingProgress progress(0, 3, out.file());
  progress.on_step({{1, 3}, 4.0, 0.1f});
  CHECK_THAT(out.text(), Contains("pretrain 1/3"));
  CHECK_THAT(out.text(), Contains("loss 4.000\n"));
  progress.on_probe({{1, 3}, 0.5});
  progress.on_step({{2, 3}, 2.0, 0.1f});
  CHECK(out.text().find("2/3") == std::string::npos);  // plain lines come seldom
  progress.on_step({{3, 3}, 2.0, 0.1f});
  // The loss shown is smoothed: 4, then 0.95·4 + 0.05·2 = 3.9, then 0.95·3.9 + 0.05·2 = 3.805.
  CHECK_THAT(out.text(), Contains("pretrain 3/3"));
  CHECK_THAT(out.text(), Contains("loss 3.805  probe 0.500\n"));
}

TEST_CASE("the accuracy of neighbours is shown where it is watched") {
  CapturedFile out;
  TrainingProgress progress(0, 1, out.file());
  progress.on_probe({.at = {1, 1}, .probe = 0.5, .knn = 0.25});
  progress.on_step({{1, 1}, 4.0, 0.1f});
  CHECK_THAT(out.text(), Contains("loss 4.000  probe 0.500  knn 0.250\n"));
}

TEST_CASE("a mutation gets a line of its own") {
  CapturedFile out;
  TrainingProgress progress(100, 1000, out.file());
  MutationRecord m;
  m.step = 300;
  m.kind = "widen";
  m.place = "stage 1";
  m.params_before = 1000;
  m.params_after = 1500;
  m.net_after = "32 > 48";
  m.probe_before = 0.25;
  m.probe_after = 0.5;
  progress.on_mutation(m);
  CHECK(out.text() == "  step 300: widen stage 1; 1000 -> 1500 parameters, net 32 > 48, probe 0.250 -> 0.500\n");
  m.net_after.assign(1000, 'x');
  progress.on_mutation(m);
  CHECK(out.text().back() == '\n');
}

TEST_CASE("the time left of a resumed run counts its own steps alone") {
  CapturedFile out;
  constexpr sseg::Index steps = 1000000000000;
  TrainingProgress progress(1, steps, out.file());
  progress.on_step({{1, steps}, 1.0, 0.1f});  // nothing done yet in this run: no rate, no estimate
  CHECK_THAT(out.text(), Contains("  0:00 left"));
}

}  // namespace training_progress_test
