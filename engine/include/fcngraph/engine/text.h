// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/plan.h>

namespace fcngraph {

/// The graph as text: the user's names, sorted attributes, defaults omitted, no counters, no pointers.
FCNGRAPH_API std::string to_text(const Graph& graph);

/// The plan as text: a line a step with kernel, place, layout.
FCNGRAPH_API std::string to_text(const Plan& plan);

}  // namespace fcngraph
