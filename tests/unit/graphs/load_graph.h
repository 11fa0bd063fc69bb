// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <fcngraph/dsl/build.h>
#include <fcngraph/dsl/load.h>

namespace fcngraph::test {

inline std::filesystem::path graphs_folder() {
  return std::filesystem::path(std::getenv("FCNGRAPH_SOURCE_DIR")) / "graphs";
}

inline dsl::ModelSpec load_spec(const std::string& file, std::vector<std::string> set = {}) {
  Diagnostics diagnostics;
  auto spec = dsl::load_model(graphs_folder() / file, {std::move(set), {}}, diagnostics);
  INFO(render(diagnostics.all()));
  REQUIRE(!diagnostics.has_errors());
  return spec;
}

inline dsl::ModelSpec parse_spec(const std::string& text) {
  Diagnostics diagnostics;
  auto spec = dsl::load_model_text(text, "model.toml", graphs_folder(), {}, diagnostics);
  INFO(render(diagnostics.all()));
  REQUIRE(!diagnostics.has_errors());
  return spec;
}

inline Graph build(const dsl::ModelSpec& spec, const dsl::BuildOptions& options) {
  Diagnostics diagnostics;
  Graph graph = dsl::build_graph(spec, options, OpTable{}, diagnostics);
  INFO(render(diagnostics.all()));
  REQUIRE(!diagnostics.has_errors());
  return graph;
}

struct Parameters {
  std::int64_t trainable = 0, frozen = 0;
};

inline Parameters count_parameters(const Graph& graph) {
  Parameters out;
  for (const ValueId id : graph.values_with(Role::parameter)) {
    const Value& value = graph.value(id);
    (value.trainable ? out.trainable : out.frozen) += value.type.shape.elements();
  }
  return out;
}

}  // namespace fcngraph::test
