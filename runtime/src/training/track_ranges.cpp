// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/ranges.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <fcngraph/data_source.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/evaluate.h>

#include "atomic_file.h"
#include "session_impl.h"
#include "session_inputs.h"
#include "training/evaluation.h"

namespace fcngraph {
namespace {

std::span<const float> numbers_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
}

/// One program, and what its values reach over the batches that it is given.
class Tracker {
 public:
  Tracker(training::RunningProgram& running, TrackedRanges& ranges, std::uint64_t seed)
      : running_(running), ranges_(ranges), seed_(seed) {}

  void see(const data::Batch& batch) {
    running_.fill(batch);
    running_.inputs.fill_step(batch, seed_, 0, 1);
    running_.inputs.fill_part(1, false);
    running_.inputs.fill_loss_scale(1);
    auto& session = running_.session.impl();
    const auto& tensors = running_.inputs.tensors();
    bind_inputs(session, tensors, session.kept);
    ranges_.values["image"].add(numbers_of(tensors.at("image").data));
    const Plan& plan = session.executor.plan();
    session.executor.run_observed([&](std::size_t s, std::int32_t slot, std::span<const std::byte> bytes) {
      const Step& step = plan.steps[s];
      const std::string& op = plan.graph.node(step.node).op->name;
      const Slot& of = plan.slots[static_cast<std::size_t>(slot)];
      const bool forward = step.phase == Phase::forward || step.phase == Phase::feature;
      // Sums of losses are f32 anyway; what was only laid out anew has the range of what it was made of.
      const bool of_images = of.type.dtype == DType::f32 && of.type.shape.rank() == 4;
      if (forward && of_images && op != "reorder" && op != "cast") ranges_.values[of.name].add(numbers_of(bytes));
    });
  }

  /// What is there once: parameters, and further names of what was seen.
  void finish() {
    const Weights weights = running_.session.weights();
    for (const std::string& name : weights.names()) {
      const Tensor& tensor = weights.get(name);
      if (tensor.type.dtype == DType::f32) ranges_.values.try_emplace(name).first->second.add(numbers_of(tensor.data));
    }
    const Graph& graph = running_.program.plan().graph;
    for (const auto& [name, id] : graph.aliases()) {
      const auto known = ranges_.values.find(graph.value(id).name);
      if (known != ranges_.values.end()) ranges_.values.try_emplace(name, known->second);
    }
  }

 private:
  training::RunningProgram& running_;
  TrackedRanges& ranges_;
  std::uint64_t seed_;
};

}  // namespace

TrackedRanges track_ranges(const Model& model, const Weights& weights, const RangeOptions& options) {
  if (options.batches < 1) throw GraphError(fmt::format("batches is {}, expected at least 1", options.batches));
  const auto dataset = open_dataset(model);
  const std::uint64_t seed = initial_seed(weights, options.seed);
  training::ProgramStarter starter(model, *dataset, nullptr, weights, seed, options.random_weights);
  CompileOptions compile;
  compile.batch = options.batch;
  compile.height = options.height;
  compile.width = options.width;
  compile.backend = options.backend;
  compile.threads = options.threads;
  compile.heads = {"all"};
  // A step a node: what is fused away makes no value to look at, and the precision is chosen before anything is fused.
  compile.pipeline.disabled = {"fuse_epilogues", "fuse_regions"};

  TrackedRanges ranges;
  ranges.model = model.name();
  std::vector<std::unique_ptr<training::RunningProgram>> programs;
  // Dropout makes values larger and is there to train alone; running statistics are there to infer alone.
  for (const Mode mode : {Mode::train, Mode::eval}) {
    if (mode == Mode::train && model.parameters().trainable == 0) continue;
    compile.mode = mode;
    programs.push_back(starter.start(compile, Split::train));
  }
  ranges.backend = programs.front()->program.backend();
  std::vector<Tracker> trackers;
  for (const auto& program : programs) trackers.emplace_back(*program, ranges, seed);

  auto loading = training::loader_options(model, *programs.front(), Split::train);
  loading.shuffle = true;
  loading.seed = seed;
  data::BatchLoader loader(*dataset, loading);
  loader.start(0);
  const std::int64_t batches = std::min(options.batches, loader.batches_per_epoch());
  for (std::int64_t b = 0; b < batches; ++b) {
    if (options.stop_requested && options.stop_requested()) break;
    const auto& batch = loader.next();
    for (Tracker& tracker : trackers) tracker.see(batch);
    ranges.samples += batch.valid;
    if (options.on_batch) options.on_batch(b + 1, batches);
  }
  for (Tracker& tracker : trackers) tracker.finish();
  return ranges;
}

void TrackedRanges::save(const std::string& path) const {
  std::string text = fmt::format(
      "# What the values of a model reach in f32: `fcngraph ranges`, for `compile.ranges`.\n"
      "# Seen in {} samples on {}.\n"
      "fcngraph_ranges = 1\nmodel = \"{}\"\n\n[largest]\n",
      samples, backend, model);
  // Every number as one with a point, so that it reads back as it is.
  for (const auto& [name, range] : values) text += fmt::format("\"{}\" = {:#.9g}\n", name, range.largest);
  std::string broken;
  for (const auto& [name, range] : values) {
    if (range.not_finite > 0) broken += fmt::format("\"{}\" = {}\n", name, range.not_finite);
  }
  if (!broken.empty()) text += "\n[not_finite]\n" + broken;
  write_file(path, text);
}

}  // namespace fcngraph
