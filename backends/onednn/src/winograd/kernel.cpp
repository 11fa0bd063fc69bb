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

Packing packing(const Loops& loops, Direction direction) {
  return {loops.panel, direction, in_bf16(loops) ? DType::bf16 : DType::f32};
}

}  // namespace

std::optional<Capability> capability(const StepView& step, Direction direction, const KernelPolicy& policy) {
  const Loops& loops = winograd_loops(policy.products);
  if (!has_form(step, direction) || policy.exact || policy.kernels == "onednn") return std::nullopt;
  const Layout packed = weight_layout(*step.operands[kWeight], packing(loops, direction));
  if (step.layouts_are_final && step.operands[kWeight]->layout != packed) return std::nullopt;

  const std::string tag = vector_tag(*step.operands[kData], *step.results[0], loops.lanes);
  const TensorType x = in_tag(*step.operands[kData], tag), y = in_tag(*step.results[0], tag);
  const Pass pass = pass_of(step, direction, x, y);
  const Layer layer = layer_of(pass, loops);
  const bool trains = kWeight < step.trained.size() && step.trained[kWeight];
  const Estimate time = estimate(layer, loops, x.shape[0] * pass.sum.h * pass.sum.w, trains);
  if (!step.layouts_are_final && policy.kernels != "winograd" && !is_faster(time)) return std::nullopt;

  Capability answer;
  answer.supported = true;
  answer.kernel = std::string(in_bf16(loops) ? "winograd4x4_bf16:" : "winograd4x4:") + loops.name;
  answer.reason = in_words(time, in_bf16(loops) ? "F(4x4, 3x3) with products of bf16" : "F(4x4, 3x3)");
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
  if (*packed != packing(loops, direction)) return nullptr;
  if (!lies_in_vectors(x, loops.lanes) || !lies_in_vectors(y, loops.lanes)) return nullptr;
  const Layer layer = layer_of(pass_of(step, direction, x, y), loops);
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
  return onednn::pack_capability(step, packing_of, "winograd4x4:pack");
}

std::unique_ptr<Kernel> prepare_pack(const StepView& step) { return onednn::prepare_pack(step, packing_of, pack); }

}  // namespace fcngraph::onednn::winograd
