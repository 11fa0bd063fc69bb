// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/mode.h>
#include <fcngraph/engine/rewriter.h>
#include <fcngraph/engine/value_range.h>

namespace fcngraph {

/// `l2 = [{ match, value }]`: adds value * sum(w^2) to the loss of the parameters whose names match the glob.
struct L2Term {
  std::string match;
  double value = 0;
};

/// `lr_scale = [{ match, value }]`: the learning rate of the parameters whose names match the glob is multiplied by it.
struct LrScale {
  std::string match;
  double value = 1;
};

/// The optimiser of a training plan. Numbers that change while training (learning rate, step) are inputs of the plan.
struct OptimizerOptions {
  std::string kind = "adamw";  ///< name of the update op: sgd, adam, adamw
  AttrMap attrs;               ///< of the update op
  double clip_norm = 0;        ///< global-norm clip; 0: off
  bool scale_loss = false;  ///< gradients are computed of the loss times the input "loss_scale", which updates take out
  std::vector<L2Term> l2;
  std::vector<LrScale> lr_scale;
  std::vector<std::string> no_decay;  ///< globs over parameters that the op's `weight_decay` leaves out
};

/// What is stored in 16 bits: the ops of `narrow` read and write `storage`, all others stay as they are.
struct PrecisionPolicy {
  DType storage = DType::f32;  ///< f16 or bf16; anything else narrows nothing
  std::vector<std::string> narrow;
  /// What values were seen to reach, by name. Where they are given and `storage` is f16, a node stays as it is that reads or makes a
  /// value that does not fit, and it is a mistake when one is missing that an op of `narrow` makes forward.
  std::map<std::string, ValueRange, std::less<>> ranges = {};
  SourceSpan ranges_span = {};  ///< of what named them
};
/// The policy for plans in this precision: convolutions and what lies between them are narrow. Softmax, losses, norms, statistics
/// and updates stay in f32, and parameters are kept in it.
FCNGRAPH_API PrecisionPolicy precision_policy(DType storage);

/// What a pass may know: the mode, the target, the options. It knows no vendor.
struct PassContext {
  Mode mode = Mode::infer;
  const Backend* backend = nullptr;
  const OpTable* ops = nullptr;
  KernelPolicy policy;
  OptimizerOptions optimizer;
  PrecisionPolicy precision;
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
  std::string_view needed = {};  ///< why no plan can be made without it; empty: it may be disabled
};

/// Every pass, in the order in which the compiler runs them.
FCNGRAPH_API std::span<const Pass> builtin_passes();
/// The pass of that name. Throws GraphError that suggests the nearest one.
FCNGRAPH_API const Pass& find_pass(std::string_view name);

/// Stands for the time before the first pass.
inline constexpr std::string_view kPipelineInput = "input";

/// What one pass did.
struct PassReport {
  std::string_view pass;
  bool changed = false;
  double seconds = 0;
};

/// How a pipeline is run and watched.
struct PipelineOptions {
  using Observer = std::function<void(const PassReport&, const Graph&)>;
  Observer observer = {};       ///< called with the graph as it comes in, as pass "input", and after each pass
  std::string stop_after = {};  ///< ends behind the first run of this pass, or "input"; empty: runs them all
  std::vector<std::string> disabled = {};  ///< passes left out; those that are needed are refused, with the reason
  /// For bisecting: once so many passes that may be disabled have changed the graph, the others are left out. Negative: no limit.
  int limit = -1;
  /// Holds passes that say "changed" to it by comparing texts, which costs more than most passes. The opposite lie is always found.
#ifdef NDEBUG
  bool check_honesty = false;
#else
  bool check_honesty = true;
#endif
};

/// Runs passes in order; verifies the graph after each one that changed it, and holds each to what it says about that.
class FCNGRAPH_API PassPipeline {
 public:
  explicit PassPipeline(std::vector<Pass> passes) : passes_(std::move(passes)) {}
  /// Throws GraphError with what passes reported, or naming an option that does not fit; InternalError when a pass broke the graph
  /// or lied about having changed it.
  void run(Graph& graph, const PassContext& context, const PipelineOptions& options = {}) const;

 private:
  std::vector<Pass> passes_;
};

/// Checks that use lists, names, order, operand counts and inferred types agree. Throws InternalError naming `after`.
FCNGRAPH_API void verify(const Graph& graph, std::string_view after);

/// "*" stands for any run of characters, "?" for one.
FCNGRAPH_API bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace fcngraph
