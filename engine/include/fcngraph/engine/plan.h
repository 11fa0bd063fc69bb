// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/graph.h>
#include <fcngraph/engine/value_range.h>

namespace fcngraph {

/// Where a tensor of a plan lives.
enum class Storage : std::uint8_t {
  arena,     ///< at an offset of the one arena
  input,     ///< bound by the caller at each run
  saved,     ///< a parameter or state, by name: shared between plans of the same model
  constant,  ///< part of the plan
  resident   ///< made by a setup step, kept as long as the program is open: packed weights
};

/// A tensor with its place.
struct Slot {
  std::string name;
  TensorType type;
  Storage storage = Storage::arena;
  std::int64_t offset = 0;  ///< in the arena, or among the resident tensors
  std::int64_t bytes = 0;
  ValueId value;  ///< in the plan's graph
  /// In the arena: the steps from which and to which the value is wanted, as indices into `Plan::steps`.
  std::int32_t first = -1, last = -1;
};

/// One prepared operation of the schedule. Operands and results are indices into `Plan::slots`, -1 where absent.
struct Step {
  std::string name;
  NodeId node;
  Phase phase = Phase::forward;
  std::vector<std::int32_t> operands;
  std::vector<std::int32_t> results;
  std::string kernel;
  std::string reason;
  std::int64_t workspace_offset = 0;
  std::int64_t workspace_bytes = 0;
  Cost cost;
};

/// The scheduled program: immutable once made. It keeps the graph that it was made of for attributes, bodies and names.
struct Plan {
  Graph graph;
  std::string backend;
  DType precision = DType::f32;
  /// Values that f16 would not hold, by what was seen of them, and that are kept in f32 therefore: in alphabetical order.
  std::vector<std::pair<std::string, ValueRange>> kept_wide;
  std::vector<Slot> slots;
  std::vector<Step> steps;                                    ///< setup steps first
  std::vector<std::pair<std::string, std::int32_t>> inputs;   ///< name -> slot
  std::vector<std::pair<std::string, std::int32_t>> outputs;  ///< name -> slot
  std::int64_t arena_bytes = 0;  ///< exact peak of everything that is not saved or resident
  std::int64_t resident_bytes = 0;
  std::int64_t saved_bytes = 0;  ///< parameters and states
  std::vector<std::int64_t>
      live_bytes;  ///< of the arena, at each step: values that share a place counted once, and workspace
  std::int64_t live_peak_bytes = 0;  ///< the largest of them: a lower bound of the arena

  FCNGRAPH_API double flops(Phase phase) const;
  /// Of the states in which gradients of the parts of a batch add up.
  FCNGRAPH_API std::int64_t accumulated_bytes() const;
  StepView view(const Step& step) const;
};

/// Whether a step takes statistics over the batch, which then cannot go through in parts.
FCNGRAPH_API bool has_batch_statistics(const Plan& plan);

/// The largest sum of bytes that live together in the arena when the graph runs in the order that it has.
FCNGRAPH_API std::int64_t live_peak_of(const Graph& graph);

}  // namespace fcngraph
