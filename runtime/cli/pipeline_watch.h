// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <fcngraph/engine/pass.h>

#include "arguments.h"

namespace fcngraph::cli {

/// Options of every command that compiles: what to show of the passes, and which to leave out.
std::vector<Option> pipeline_options();
/// Of those that print a graph.
Option stop_after_option();

inline void append(std::vector<Option>& options, std::vector<Option> more) {
  for (auto& option : more) options.push_back(std::move(option));
}

/// Shows what the passes do, as the options say: graphs on stderr or in a folder, times on stderr.
class PipelineWatch {
 public:
  /// Throws UsageError for a pass that there is not.
  explicit PipelineWatch(const Arguments& arguments);
  /// For the pipeline; refers to this object.
  PipelineOptions options();
  /// Prints the times, when they are asked for.
  void finish() const;

 private:
  void see(const PassReport& report, const Graph& graph);
  void dump(const PassReport& report, const Graph& graph) const;

  PipelineOptions options_;
  std::string dump_, folder_;
  bool times_ = false;
  std::vector<PassReport> reports_;
};

}  // namespace fcngraph::cli
