// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include <fcngraph/engine/pass.h>
#include <fcngraph/engine/text.h>

namespace fcngraph {
namespace {

/// Runs one pass and holds it to what it says.
PassReport run_pass(const Pass& pass, Graph& graph, const PassContext& context, bool check_honesty) {
  const std::string before = check_honesty ? to_text(graph) : std::string{};
  Diagnostics diagnostics;
  Rewriter rewriter(graph, diagnostics);
  const auto start = std::chrono::steady_clock::now();
  const bool changed = pass.run(rewriter, context);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  diagnostics.throw_if_errors();
  // Saying "unchanged" after a change would skip the verifier.
  FCNGRAPH_ASSERT(changed || !rewriter.changed(),
                  "pass '" + std::string(pass.name) + "' changed the graph and did not say so");
  FCNGRAPH_ASSERT(!check_honesty || !changed || before != to_text(graph),
                  "pass '" + std::string(pass.name) + "' says that it changed the graph, but did not");
  if (changed) verify(graph, pass.name);
  return {pass.name, changed, seconds};
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_options(const std::vector<Pass>& passes, const PipelineOptions& options) {
  for (const std::string& name : options.disabled) {
    const auto found = std::find_if(passes.begin(), passes.end(), [&](const Pass& pass) { return pass.name == name; });
    // A pass that is not in this pipeline (differentiate, when not training) is disabled already.
    if (found == passes.end()) (void)find_pass(name);
    if (found != passes.end() && !found->needed.empty())
      throw GraphError("pass '" + name + "' cannot be disabled: " + std::string(found->needed));
  }
  if (options.stop_after.empty() || options.stop_after == kPipelineInput) return;
  const bool there =
      std::any_of(passes.begin(), passes.end(), [&](const Pass& p) { return p.name == options.stop_after; });
  if (!there)
    throw GraphError("pass '" + std::string(find_pass(options.stop_after).name) + "' is not part of this pipeline");
}

}  // namespace

void PassPipeline::run(Graph& graph, const PassContext& context, const PipelineOptions& options) const {
  check_options(passes_, options);
  if (options.observer) options.observer({kPipelineInput, false, 0}, graph);
  if (options.stop_after == kPipelineInput) return;
  int changes = 0;
  for (const Pass& pass : passes_) {
    const bool optional = pass.needed.empty();
    const bool over = optional && options.limit >= 0 && changes >= options.limit;
    if (!over && !contains(options.disabled, pass.name)) {
      const PassReport report = run_pass(pass, graph, context, options.check_honesty);
      if (optional && report.changed) ++changes;
      if (options.observer) options.observer(report, graph);
    }
    if (pass.name == options.stop_after) return;
  }
}

}  // namespace fcngraph
