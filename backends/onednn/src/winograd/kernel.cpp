// SPDX-License-Identifier: Apache-2.0
#include "kernel.h"

#include <omp.h>

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include "../layout.h"
#include "../loop_kernel.h"
#include "../packed_weights.h"
#include "../vector_loops/vector_loops.h"
#include "choice.h"
#include "convolution.h"
#include "pass.h"
#include "transform_points.h"

namespace fcngraph::onednn::winograd {
namespace {

// x of a convolution, grad_y of its gradient; the gradient has neither bias nor addend.
enum Operand : std::size_t { kData, kWeight, kBias, kAddend };

struct Form {
  Window window;
  std::int64_t groups = 1;
};

Form form_of(const StepView& step, Direction direction) {
  const auto form = [](const auto& attrs) { return Form{attrs.window(), attrs.groups}; };
  switch (direction) {
    case Direction::forward:
      return form(step.attrs->as<Conv2dAttrs>());
    case Direction::backward:
      return form(step.attrs->as<Conv2dGradAttrs>());
    case Direction::transposed:
      return form(step.attrs->as<Conv2dTransposeAttrs>());
    case Direction::transposed_backward:
      break;
  }
  return form(step.attrs->as<Conv2dTransposeGradAttrs>());
}

bool has_form(const StepView& step, Direction direction) {
  const Form form = form_of(step, direction);
  return winograd::has_form(form.window, form.groups);
}

/// The pass that a step asks for, with its data in these layouts.
Pass pass_of(const StepView& step, Direction direction, const TensorType& x, const TensorType& y) {
  const Shape& data = (flips(direction) ? y : x).shape;  // of the convolution that this is, or is the gradient of
  const Pads pads = resolve_pads(form_of(step, direction).window, data[2], data[3]);
  Pass pass{x, y, step.operands[kWeight], direction, pads, {}};
  if (flips(direction)) {
    pass.pads = flipped(pads);
    pass.sum = {data[2], data[3]};
  } else {
    pass.sum = {data[2] + pads.top + pads.bottom - kTaps + 1, data[3] + pads.left + pads.right - kTaps + 1};
  }
  if (direction == Direction::forward) {
    const Epilogue epilogue = step.attrs->as<Conv2dAttrs>().epilogue;
    pass.pool = epilogue == Epilogue::relu_max_pool;
    pass.relu = epilogue == Epilogue::relu || epilogue == Epilogue::add_relu;
  }
  return pass;
}

Packing packing(const Loops& loops, Direction direction, std::int64_t tile) {
  return {loops.panel, direction, in_bf16(loops) ? DType::bf16 : DType::f32, tile};
}

/// That of the tests; bf16 has no large tiles.
std::optional<std::int64_t> forced_tile(const KernelPolicy& policy) {
  if (policy.kernels == "winograd") return kSmallTile;
  if (policy.kernels == "winograd7x7" && policy.products == DType::f32) return kLargeTile;
  return std::nullopt;
}

/// How a step would run in tiles of one size.
struct Candidate {
  TensorType x, y;
  Layer layer;
  Layout packed;
  Estimate time;
};

Candidate candidate(const StepView& step, Direction direction, const Loops& loops, std::int64_t tile) {
  Candidate out;
  const std::string tag = vector_tag(*step.operands[kData], *step.results[0], loops.lanes);
  out.x = in_tag(*step.operands[kData], tag);
  out.y = in_tag(*step.results[0], tag);
  const Pass pass = pass_of(step, direction, out.x, out.y);
  out.layer = layer_of(pass, loops, tile);
  out.packed = weight_layout(*step.operands[kWeight], packing(loops, direction, tile));
  const bool trains = kWeight < step.trained.size() && step.trained[kWeight];
  out.time = estimate(out.layer, loops, out.x.shape[0] * pass.sum.h * pass.sum.w, trains);
  return out;
}

/// In the tiles that final layouts or the policy ask for, or that are expected to be faster.
std::optional<Candidate> candidate(const StepView& step, Direction direction, const KernelPolicy& policy,
                                   const Loops& loops) {
  if (step.layouts_are_final) {
    const auto packed = packing_of(step.operands[kWeight]->layout);
    if (!packed || *packed != packing(loops, direction, packed->tile)) return std::nullopt;
    return candidate(step, direction, loops, packed->tile);
  }
  const auto forced = forced_tile(policy);
  Candidate chosen = candidate(step, direction, loops, forced.value_or(kSmallTile));
  if (forced) return chosen;
  if (loops.large.multiply != nullptr) {
    Candidate large = candidate(step, direction, loops, kLargeTile);
    if (prefers_large(large.time, chosen.time, large.layer, policy.storage != "f32")) chosen = std::move(large);
  }
  return is_faster(chosen.time) ? std::optional(std::move(chosen)) : std::nullopt;
}

}  // namespace

std::optional<Capability> capability(const StepView& step, Direction direction, const KernelPolicy& policy) {
  const Loops& loops = winograd_loops(policy.products);
  if (!has_form(step, direction) || policy.exact || policy.kernels == "onednn") return std::nullopt;
  const auto chosen = candidate(step, direction, policy, loops);
  if (!chosen) return std::nullopt;

  const auto& [x, y, layer, packed, time] = *chosen;
  const std::string side = std::to_string(layer.tile), form = side + "x" + side;
  Capability answer;
  answer.supported = true;
  answer.kernel = "winograd" + form + (in_bf16(loops) ? "_bf16:" : ":") + loops.name;
  answer.reason = in_words(time, "F(" + form + ", 3x3)" + (in_bf16(loops) ? " with products of bf16" : ""));
  answer.operands = {x.layout, packed, {}, y.layout};
  answer.operands.resize(step.operands.size());
  answer.results = {y.layout};
  answer.workspace = workspace_bytes(layer, loops, schedule_for(layer, loops, omp_get_max_threads()));
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step, Direction direction) {
  const TensorType &x = *step.operands[kData], &y = *step.results[0];
  const auto packed = packing_of(step.operands[kWeight]->layout);
  if (!has_form(step, direction) || !packed) return nullptr;
  const Loops& loops = winograd_loops(packed->type);
  if (*packed != packing(loops, direction, packed->tile)) return nullptr;
  if (!lies_in_vectors(x, loops.lanes) || !lies_in_vectors(y, loops.lanes)) return nullptr;
  const Layer layer = layer_of(pass_of(step, direction, x, y), loops, packed->tile);
  const Schedule schedule = schedule_for(layer, loops, omp_get_max_threads());
  const std::size_t operands = step.operands.size();
  return loop_kernel([layer, &loops, schedule, operands](const LaunchArgs& args) {
    const auto optional = [&](std::size_t i) { return i < operands ? input(args, i) : nullptr; };
    const Tensors tensors{input(args, kData), input(args, kWeight), optional(kBias), optional(kAddend),
                          output(args, 0)};
    run(layer, loops, schedule, tensors, reinterpret_cast<float*>(args.workspace));
  });
}

std::optional<Capability> pack_capability(const StepView& step) {
  return onednn::pack_capability(step, packing_of, "winograd:pack");
}

std::unique_ptr<Kernel> prepare_pack(const StepView& step) { return onednn::prepare_pack(step, packing_of, pack); }

}  // namespace fcngraph::onednn::winograd
