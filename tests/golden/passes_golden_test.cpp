// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <map>

#include <fcngraph/engine/pass.h>

#include "golden.h"
#include "pass_case.h"

namespace fcngraph::testing {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return source_dir() / "tests" / "golden" / "passes"; }

TEST_CASE("each pass makes of each case what its file says") {
  for (const auto& entry : fs::recursive_directory_iterator(folder())) {
    if (entry.path().extension() != ".graph") continue;
    CAPTURE(fs::relative(entry.path(), folder()).string());
    const PassCase given = read_pass_case(entry.path());
    CHECK_EQ(compare_golden(entry.path(), write_pass_case(given, run_pass_case(given))), "");
  }
}

TEST_CASE("each pass has a case that it changes, and each rewrite one that it must leave alone") {
  struct Count {
    int changed = 0, unchanged = 0;
  };
  std::map<std::string, Count> counts;
  for (const auto& entry : fs::recursive_directory_iterator(folder())) {
    if (entry.path().extension() != ".graph") continue;
    const PassCase given = read_pass_case(entry.path());
    ++(given.expected.starts_with("fcngraph ") ? counts[given.pass].changed : counts[given.pass].unchanged);
  }
  for (const Pass& pass : builtin_passes()) {
    const std::string name(pass.name);
    // The reader of texts infers types itself: infer_shapes finds nothing to change in one.
    if (name != "infer_shapes")
      CHECK_MESSAGE(counts[name].changed > 0, "tests/golden/passes/" << name << " has no case that the pass changes");
    if (pass.needed.empty())
      CHECK_MESSAGE(counts[name].unchanged > 0, "tests/golden/passes/" << name << " has no case that it leaves alone");
    counts.erase(name);
  }
  for (const auto& [name, count] : counts) FAIL_CHECK("tests/golden/passes/" << name << " is not named after a pass");
}

}  // namespace
}  // namespace fcngraph::testing
