// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/mode.h>
#include <fcngraph/engine/rewriter.h>

namespace fcngraph {

/// `l2 = [{ match, value }]`: adds value * sum(w^2) to the loss of the parameters whose names match the glob.
struct L2Term {
  std::string match;
  double value = 0;
};

/// The optimiser of a training plan. Numbers that change while training (learning rate, step) are inputs of the plan.
struct OptimizerOptions {
  std::string kind = "adamw";  ///< name of the update op: sgd, adam, adamw
  AttrMap attrs;               ///< of the update op
  double clip_norm = 0;        ///< global-norm clip; 0: off
  std::vector<L2Term> l2;
};

/// What a pass may know: the mode, the target, the options. It knows no vendor.
struct PassContext {
  Mode mode = Mode::infer;
  const Backend* backend = nullptr;
  const OpTable* ops = nullptr;
  KernelPolicy policy;
  OptimizerOptions optimizer;
  DType precision = DType::f32;
  std::int64_t parts = 1;       ///< training: in how many runs, one after the other, a batch goes through
  int recompute = 0;            ///< training: segments of the forward part whose inside is computed again; 0: none
  std::string loss = "loss";    ///< the value that training makes smaller
  std::string image = "image";  ///< the input that is the same whenever a sample is seen
  /// Where split_frontier cuts, by names of values; empty: where it finds best, and nowhere to infer.
  std::vector<std::string> frontier;
};

/// A named rewrite of the graph; returns whether it changed anything. One pass a file.
struct Pass {
  std::string_view name;
  bool (*run)(Rewriter&, const PassContext&) = nullptr;
};

/// Runs passes in order; verifies the graph after each one that changed it, and holds each to what it says about that.
class FCNGRAPH_API PassPipeline {
 public:
  explicit PassPipeline(std::vector<Pass> passes) : passes_(std::move(passes)) {}
  /// Called after each pass: name, whether it changed the graph, seconds.
  using Observer = std::function<void(std::string_view pass, bool changed, double seconds, const Graph&)>;
  /// Throws GraphError with what passes reported, InternalError when a pass broke the graph or lied.
  void run(Graph& graph, const PassContext& context, const Observer& observer = {}) const;

 private:
  std::vector<Pass> passes_;
};

/// Checks that use lists, names, order, operand counts and inferred types agree. Throws InternalError naming `after`.
FCNGRAPH_API void verify(const Graph& graph, std::string_view after);

/// "*" stands for any run of characters, "?" for one.
FCNGRAPH_API bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace fcngraph
