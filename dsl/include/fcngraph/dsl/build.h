// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/graph.h>
#include <fcngraph/engine/mode.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/pass.h>

namespace fcngraph::dsl {

/// What a graph is built for. The same file gives another graph for each mode, batch and input size.
struct BuildOptions {
  Mode mode = Mode::infer;
  std::int64_t batch = 1;
  std::int64_t height = 0, width = 0;  ///< of the input; 0: as the model says
  std::int64_t classes = 0;            ///< number of classes, from the data or the file
  std::vector<std::string> heads;      ///< names; empty: all
  std::vector<std::string> fetch;      ///< further values to compute
  DType dtype = DType::f32;            ///< f64 for gradient checks and oracles, on the reference backend
};

/// Writes a checked model out as a graph. Reports shapes that do not meet, ops and attributes that do not exist, values to fetch
/// that are not there, each at its place in the file; the graph is of use only when there was no error.
///
/// Inputs: "image" [N, C, H, W], preprocessed; eval and train: "labels" u8 [N, H, W] (255 is ignored); train: "sample_keys" i64 [N]
/// where something drops out.
/// Values: every node, dense_conv and head by its name; `NAME.score` is a head before its upsampling, `NAME` its logits at input
/// size. Outputs: the heads asked for; eval: `NAME.labels` u8 [N, H, W]; eval and train: `NAME.loss_sum`, `NAME.loss_count` [N],
/// `NAME.loss`, and `loss`, the sum weighted by loss_weight; train: also `NAME.labels`, and not the logits. States: `NAME.scale`
/// of a head that fuses; its tapped feature is the output `NAME.tap` when `fetch` names it.
Graph build_graph(const ModelSpec& spec, const BuildOptions& options, const OpTable& ops, Diagnostics& diagnostics);

/// The model as stage `index` trains it: its `train` and `trainable`, its heads, and the others in `other_heads`. It has no stages.
ModelSpec stage_spec(const ModelSpec& model, std::size_t index);
/// The heads that training computes: those with a loss and those that they fuse, each after what it fuses.
std::vector<const HeadSpec*> heads_of(const ModelSpec& spec);
/// Reports what keeps a stage from being trained: a graph that cannot be built, nothing trainable that reaches its loss.
void check_stage(const ModelSpec& model, std::size_t index, std::int64_t classes, const OpTable& ops,
                 Diagnostics& diagnostics);

/// The optimiser that `[train]` describes, for the compiler; gradients are kept in `storage`.
OptimizerOptions optimizer_options(const TrainSpec& train, DType storage = DType::f32);
/// What is stored in `storage`, given the ranges that `[compile]` names.
PrecisionPolicy precision_options(const CompileSpec& compile, DType storage);

}  // namespace fcngraph::dsl
