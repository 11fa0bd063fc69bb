// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/pass.h>
#include <fcngraph/engine/plan.h>

namespace fcngraph {

/// Turns a scheduled graph into a plan: slots, in-place marks, offsets in the arena, costs.
Plan build_plan(Graph graph, const PassContext& context);

}  // namespace fcngraph
