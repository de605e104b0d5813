#include "sseg/augment/view_counts.hpp"

#include "sseg/meta/field_text.hpp"
#include "sseg/meta/override.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace view_counts_test {

using sseg::ViewCounts;
using sseg_test::Contains;
using sseg_test::message_of;

TEST_CASE("numbers of views are settings, at first two global ones") {
  ViewCounts counts;
  CHECK(counts == ViewCounts{2, 0, 0, false});
  sseg::set_field(counts, "local", "6");
  sseg::set_field(counts, "clean_first", "true");
  CHECK(counts == ViewCounts{.global = 2, .local = 6, .rotated = 0, .clean_first = true});
  CHECK(sseg::to_yaml(counts) == "global: 2\nlocal: 6\nrotated: 0\nclean_first: true\n");
}

TEST_CASE("numbers of views below 0, and a clean view of none, are refused") {
  const auto refusal = [](const ViewCounts& counts) { return message_of([&] { counts.check(); }); };
  CHECK(refusal({}).empty());
  CHECK(refusal({.global = 0}).empty());
  CHECK_THAT(refusal({.global = -1}), Contains("below 0"));
  CHECK_THAT(refusal({.local = -1}), Contains("below 0"));
  CHECK_THAT(refusal({.rotated = -1}), Contains("below 0"));
  CHECK_THAT(refusal({.global = 0, .clean_first = true}), Contains("clean_first"));
}

}  // namespace view_counts_test
