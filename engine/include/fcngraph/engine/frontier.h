// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <fcngraph/engine/plan.h>

namespace fcngraph {

/// The values made by nodes of `Phase::feature` that others read or that are outputs, in order of execution.
FCNGRAPH_API std::vector<ValueId> values_at_cut(const Graph& graph);

/// What split_frontier found in a plan, for people.
struct CutReport {
  struct Kept {
    std::string name;
    TensorType type;           ///< of the whole batch, with its layout
    std::int64_t bytes = 0;    ///< a sample
    std::string why_not_more;  ///< what reads it, and why that is not the same each time
  };
  std::vector<Kept> values;  ///< empty: there is no cut
  std::string why_none;      ///< then
  double macs_before = 0;    ///< multiply-adds an image before the cut
  double macs_behind = 0;    ///< and behind it, forward
  std::int64_t bytes() const;
  /// A paragraph and a line a value; ends with a newline.
  FCNGRAPH_API std::string to_text() const;
};

/// Of a plan that is whole. `image` is the input that samples are seen through.
FCNGRAPH_API CutReport describe_cut(const Plan& plan, const std::string& image = "image");

}  // namespace fcngraph
