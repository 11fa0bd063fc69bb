// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "error_case.h"

namespace fcngraph::testing {
namespace {

TEST_CASE("each file of mistakes gets exactly the diagnostics that it expects") {
  const auto files = error_files();
  CHECK(files.size() >= 40);
  for (const auto& path : files) {
    CAPTURE(path.filename().string());
    ErrorCase one = read_error_case(path);
    REQUIRE_FALSE(one.expected.empty());
    std::vector<std::string> found;
    for (const auto& d : one.found) {
      found.push_back(code_and_place(d, path));
      CHECK_FALSE(d.message.empty());
      CHECK_FALSE(d.message.ends_with('.'));
    }
    std::sort(one.expected.begin(), one.expected.end());
    std::sort(found.begin(), found.end());
    INFO(render(one.found));
    CHECK(found == one.expected);
  }
}

TEST_CASE("the diagnostics of a file come in the order of its lines") {
  const auto found = read_error_case(source_folder() / "tests" / "errors" / "unknown_references.toml").found;
  REQUIRE(found.size() > 3);
  for (std::size_t i = 1; i < found.size(); ++i) CHECK(found[i - 1].span.line <= found[i].span.line);
}

}  // namespace
}  // namespace fcngraph::testing
