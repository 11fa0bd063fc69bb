// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/dsl/build.h>
#include <fcngraph/dsl/load.h>
#include <fcngraph/engine/text.h>

#include "golden.h"

namespace fcngraph::testing {
namespace {

namespace fs = std::filesystem;

std::string graph_of(const fs::path& path, Mode mode) {
  Diagnostics diagnostics;
  const auto spec = dsl::load_model(path, {}, diagnostics);
  if (diagnostics.has_errors()) return render(diagnostics.all()) + "\n";
  const OpTable ops;
  const Graph graph = dsl::build_graph(spec, {.mode = mode, .batch = 2, .classes = 3}, ops, diagnostics);
  return diagnostics.has_errors() ? render(diagnostics.all()) + "\n" : to_text(graph);
}

TEST_CASE("each model is the graph that stands beside it") {
  std::size_t models = 0;
  for (const auto& entry : fs::directory_iterator(source_dir() / "tests" / "golden" / "dsl")) {
    const fs::path& path = entry.path();
    if (path.extension() != ".toml") continue;
    CAPTURE(path.filename().string());
    const fs::path stem = path.parent_path() / path.stem();
    CHECK_EQ(compare_golden(stem.string() + ".infer.graph", graph_of(path, Mode::infer)), "");
    CHECK_EQ(compare_golden(stem.string() + ".train.graph", graph_of(path, Mode::train)), "");
    ++models;
  }
  CHECK(models >= 4);
}

}  // namespace
}  // namespace fcngraph::testing
