// SPDX-License-Identifier: Apache-2.0
#include "golden.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace fcngraph::testing {
namespace {

std::string numbered(int count, int changed) {
  std::string text;
  for (int i = 1; i <= count; ++i) text += (i == changed ? "changed" : "line " + std::to_string(i)) + "\n";
  return text;
}

TEST_CASE("equal texts have no difference") {
  CHECK_EQ(unified_diff("a\nb\n", "a\nb\n", "t"), "");
  CHECK_EQ(unified_diff("", "", "t"), "");
}

TEST_CASE("a difference shows three lines of context and the right line numbers") {
  CHECK_EQ(
      unified_diff(numbered(20, 0), numbered(20, 10), "t"),
      "--- t (expected)\n+++ t (actual)\n@@ -7,7 +7,7 @@\n line 7\n line 8\n line 9\n-line 10\n+changed\n line 11\n"
      " line 12\n line 13\n");
}

TEST_CASE("differences far apart make hunks of their own, insertions shift the second") {
  const auto expected = numbered(30, 0);
  auto actual = "new\n" + numbered(30, 25);
  CHECK_EQ(unified_diff(expected, actual, "t"),
           "--- t (expected)\n+++ t (actual)\n@@ -1,3 +1,4 @@\n+new\n line 1\n line 2\n line 3\n@@ -22,7 +23,7 @@\n "
           "line 22\n"
           " line 23\n line 24\n-line 25\n+changed\n line 26\n line 27\n line 28\n");
}

TEST_CASE("a missing newline at the end is a difference") {
  CHECK_NE(unified_diff("a\n", "a", "t").find("only one of the two ends with a newline"), std::string::npos);
}

TEST_CASE("a golden is compared, and rewritten when that is asked for") {
  const auto path = std::filesystem::temp_directory_path() / "fcngraph_golden_test" / "sub" / "case.txt";
  std::filesystem::remove_all(path.parent_path());
  const char* asked = std::getenv("FCNGRAPH_UPDATE_GOLDENS");
  const std::string before = asked == nullptr ? "" : asked;

  ::setenv("FCNGRAPH_UPDATE_GOLDENS", "0", 1);
  CHECK_NE(compare_golden(path, "text\n").find("is missing"), std::string::npos);
  CHECK_FALSE(std::filesystem::exists(path));
  ::setenv("FCNGRAPH_UPDATE_GOLDENS", "1", 1);
  CHECK_EQ(compare_golden(path, "text\n"), "");
  ::setenv("FCNGRAPH_UPDATE_GOLDENS", "0", 1);
  CHECK_EQ(compare_golden(path, "text\n"), "");
  CHECK_NE(compare_golden(path, "other\n").find("-text\n+other\n"), std::string::npos);
  CHECK_EQ(read_text(path), "text\n");

  ::setenv("FCNGRAPH_UPDATE_GOLDENS", before.c_str(), 1);
  std::filesystem::remove_all(path.parent_path().parent_path());
  CHECK_THROWS_AS(read_text(path), std::runtime_error);
}

}  // namespace
}  // namespace fcngraph::testing
