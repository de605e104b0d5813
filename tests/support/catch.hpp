#pragma once
/// The only door to Catch2: version 3 and version 2.13 both work behind it.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_message.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
using Catch::Approx;
/// Ends the test case as skipped and prints the reason.
#define SSEG_SKIP(reason) SKIP("sseg-test-skipped: " << reason)
#else
#include <catch2/catch.hpp>
/// Ends the test case as skipped and prints the reason. Version 2 cannot skip: ctest tells it from the words.
/// Requires: stands in the body of a TEST_CASE, not in a helper.
#define SSEG_SKIP(reason)                  \
  do {                                     \
    WARN("sseg-test-skipped: " << reason); \
    return;                                \
  } while (false)
#endif
