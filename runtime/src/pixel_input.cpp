// SPDX-License-Identifier: Apache-2.0
#include "pixel_input.h"

namespace fcngraph {

std::unique_ptr<PixelInput> PixelInput::make(Executor& executor, const KernelPolicy& policy, std::size_t input,
                                             const NormalizePixelsAttrs& normalization, const TensorType& pixels) {
  TensorStore& store = executor.store();
  const Plan& plan = executor.plan();
  const TensorType& wanted = plan.slots[static_cast<std::size_t>(plan.inputs[input].second)].type;
  if (store.on_host() || wanted.dtype != DType::f32 || executor.input_address(input) == nullptr) return nullptr;
  const Attrs attrs = normalization;
  const StepView step{"pixels", &ops::normalize_pixels(), &attrs, {&pixels}, {&wanted}, nullptr, {}, true};
  const Capability answer = store.backend().capability(step, policy);
  if (!answer.supported || answer.results.empty() || answer.results[0] != wanted.layout) return nullptr;
  std::unique_ptr<PixelInput> made(new PixelInput(executor, input));
  made->pixels_ = store.device().allocate(static_cast<std::size_t>(bytes_of(pixels)));
  if (answer.workspace > 0) made->workspace_ = store.device().allocate(static_cast<std::size_t>(answer.workspace));
  made->kernel_ = store.device().prepare(step);
  return made;
}

void PixelInput::bind(std::span<const std::byte> pixels) {
  executor_.store().device().upload(pixels_->device_data(), pixels);
  std::byte* const operands[] = {pixels_->device_data()};
  std::byte* const results[] = {executor_.input_address(input_)};
  kernel_->launch({operands, results, workspace_ != nullptr ? workspace_->device_data() : nullptr});
}

}  // namespace fcngraph
