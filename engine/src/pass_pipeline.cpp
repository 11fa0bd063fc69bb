// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include <fcngraph/engine/pass.h>
#include <fcngraph/engine/text.h>

namespace fcngraph {

void PassPipeline::run(Graph& graph, const PassContext& context, const Observer& observer) const {
  for (const Pass& pass : passes_) {
#ifndef NDEBUG
    const std::string before = to_text(graph);
#endif
    Diagnostics diagnostics;
    Rewriter rewriter(graph, diagnostics);
    const auto start = std::chrono::steady_clock::now();
    const bool changed = pass.run(rewriter, context);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    diagnostics.throw_if_errors();
    // Saying "unchanged" after a change would skip the verifier; a textual check in debug builds holds passes to the other side.
    FCNGRAPH_ASSERT(changed || !rewriter.changed(),
                    "pass '" + std::string(pass.name) + "' changed the graph and did not say so");
#ifndef NDEBUG
    FCNGRAPH_ASSERT(!changed || before != to_text(graph),
                    "pass '" + std::string(pass.name) + "' says that it changed the graph, but did not");
#endif
    if (changed) verify(graph, pass.name);
    if (observer) observer(pass.name, changed, seconds, graph);
  }
}

}  // namespace fcngraph
