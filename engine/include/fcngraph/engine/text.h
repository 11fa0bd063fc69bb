// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <fcngraph/engine/plan.h>

namespace fcngraph {

/// The version of the text form that this library writes; it reads this one and those before.
inline constexpr int kTextFormat = 1;

/// The graph as text: everything that it is but the places where it was written. The user's names, sorted attributes, defaults
/// omitted, no counters, no pointers. A line each for the format version, inputs, parameters, states, constants, nodes in the
/// order of execution (`phase` lines between them), outputs, and names that stand for another value; the bodies of regions are
/// graphs in braces. `#` starts a comment.
FCNGRAPH_API std::string to_text(const Graph& graph);

/// The plan as text: a line a step with kernel, place, layout.
FCNGRAPH_API std::string to_text(const Plan& plan);

/// Reads what `to_text` has written, or a person: the graph is the same. `file` is its name in messages. Types of results are
/// inferred and compared with what is written; layouts are taken as written. Nothing, and every mistake in `diagnostics`, when
/// there are some (E0100 to E0112, E0201 to E0207, E0301).
///
/// Made for hostile files: at most 16 MiB of text, 200 000 lines, 4096 operands, regions 8 deep, tensors of rank 8 and 16 TiB, and 50
/// mistakes. It takes at most 1 GiB of memory.
FCNGRAPH_API std::optional<Graph> parse_graph(std::string_view text, std::string_view file, const OpTable& ops,
                                              Diagnostics& diagnostics);

}  // namespace fcngraph
