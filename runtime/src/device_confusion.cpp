// SPDX-License-Identifier: Apache-2.0
#include "device_confusion.h"

#include <algorithm>
#include <vector>

#include <fcngraph/engine/ops/confusion.h>

namespace fcngraph {
namespace {

std::optional<std::size_t> find(const std::vector<std::pair<std::string, std::int32_t>>& named,
                                const std::string& name) {
  const auto found = std::find_if(named.begin(), named.end(), [&](const auto& each) { return each.first == name; });
  if (found == named.end()) return std::nullopt;
  return static_cast<std::size_t>(found - named.begin());
}

}  // namespace

std::unique_ptr<DeviceConfusion> DeviceConfusion::make(Executor& executor, const KernelPolicy& policy,
                                                       const std::string& output, std::int64_t classes) {
  TensorStore& store = executor.store();
  const Plan& plan = executor.plan();
  const auto labels = find(plan.inputs, "labels"), predicted = find(plan.outputs, output);
  if (store.on_host() || !labels || !predicted || executor.input_address(*labels) == nullptr) return nullptr;
  const TensorType& truth = plan.slots[static_cast<std::size_t>(plan.inputs[*labels].second)].type;
  const TensorType& found = plan.slots[static_cast<std::size_t>(plan.outputs[*predicted].second)].type;
  const TensorType counts{DType::i64, {classes, classes}, {}};
  if (truth.dtype != DType::u8 || found != truth) return nullptr;
  const Attrs attrs = ConfusionAttrs{.classes = classes};
  const StepView step{"confusion", &ops::confusion(), &attrs, {&truth, &found}, {&counts}, nullptr, {}, true};
  const Capability answer = store.backend().capability(step, policy);
  if (!answer.supported) return nullptr;
  std::unique_ptr<DeviceConfusion> made(new DeviceConfusion(executor, *labels, *predicted, classes));
  made->counts_ = store.device().allocate(static_cast<std::size_t>(bytes_of(counts)));
  if (answer.workspace > 0) made->workspace_ = store.device().allocate(static_cast<std::size_t>(answer.workspace));
  made->kernel_ = store.device().prepare(step);
  return made;
}

ConfusionMatrix DeviceConfusion::count() {
  std::byte* const operands[] = {executor_.input_address(labels_), executor_.output_address(predicted_)};
  std::byte* const results[] = {counts_->device_data()};
  kernel_->launch({operands, results, workspace_ != nullptr ? workspace_->device_data() : nullptr});
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes_ * classes_));
  executor_.store().device().download(std::as_writable_bytes(std::span(counts)), results[0]);
  return {classes_, std::move(counts)};
}

}  // namespace fcngraph
