// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/graph.h>

namespace fcngraph::testing {

/// The first thing in which two graphs differ, in words; empty when they are the same but for where they were written. Compares
/// members, not texts.
std::string first_difference(const Graph& a, const Graph& b);

}  // namespace fcngraph::testing
