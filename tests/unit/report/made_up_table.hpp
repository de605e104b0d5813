#pragma once
#include "sseg/report/table.hpp"

namespace sseg_test {

/// What is hard on a writer: every special character of the four formats, other scripts, numbers of all kinds.
inline sseg::Table made_up_table() {
  sseg::Table t{.name = "made_up",
                .caption = "5-way on “shapes”, 100 % held back: a_b & c|d",
                .columns = {{"net", ""}, {"1-shot", "%"}, {"parameters", ""}, {"32² × 3 | ±", ""}},
                .notes = {"600 episodes, seed 1; ± 1.96·s/√n", "# 50% of {these} \\ are $made_up$ ~ ^ <b>"}};
  t.add({"trained, \"best\"", {43.456, 0.849, 1}, {175372, 0}, "32+1 > 48"});
  t.add({"two\nlines", {-0.001, 2}, {}, "--resume 中文 żółć Ω ≥ 1"});
  t.add({"", {}, {12, 0}, "[1,2] *and* `so` on_ {x} #1 & \\end{table}"});
  t.rows[0][1].strong = t.rows[2][3].strong = t.rows[1][1].plus = true;
  return t;
}

}  // namespace sseg_test
