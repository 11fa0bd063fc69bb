// SPDX-License-Identifier: Apache-2.0
#include "core.h"

#include <array>

#include "precision.h"

namespace fcngraph::cudnn {
namespace {

std::string empty_tensor(const StepView& step) {
  for (const auto& [what, types] : {std::pair{"operand", &step.operands}, std::pair{"result", &step.results}}) {
    for (std::size_t i = 0; i < types->size(); ++i) {
      const TensorType* type = (*types)[i];
      if (type != nullptr && type->shape.elements() == 0)
        return std::string(what) + " " + std::to_string(i) + " is empty: " + to_string(*type);
    }
  }
  return {};
}

}  // namespace

const KernelDef* find_kernel(std::string_view op) {
  const std::array families{arranging_kernels(),     elementwise_kernels(), fused_loss_kernels(), loss_kernels(),
                            normalization_kernels(), pixel_kernels(),       pooling_kernels(),    reduction_kernels(),
                            resizing_kernels(),      softmax_kernels(),     update_kernels()};
  for (const auto& family : families) {
    for (const KernelDef& def : family) {
      if (def.op == op) return &def;
    }
  }
  return nullptr;
}

void enqueue_run(std::span<const Launch> run, const Queue& queue) {
  for (std::size_t i = 0; i < run.size();) {
    std::vector<UpdateLaunch> updates;
    const auto goes_on = [&] {
      return i < run.size() && run[i].enqueue->update &&
             (updates.empty() || run[i].enqueue->update->rule == updates.front().update.rule);
    };
    for (; goes_on(); ++i) updates.push_back({*run[i].enqueue->update, run[i].args()});
    if (!updates.empty()) {
      run_updates(updates, queue);
    } else {
      run[i].enqueue->alone(run[i].args(), queue);
      ++i;
    }
  }
}

Capability capability_of(const StepView& step, const KernelPolicy& policy, EngineSource& engines) {
  if (std::string why = empty_tensor(step); !why.empty()) return Capability::no(std::move(why));
  if (std::string why = type_refusal(step); !why.empty()) return Capability::no(std::move(why));
  if (is_convolution(step.op->name)) return convolution_capability(step, policy, engines);
  const KernelDef* def = find_kernel(step.op->name);
  if (def == nullptr) return Capability::no("it has no kernel for op '" + step.op->name + "'");
  return def->capability(step);
}

Enqueue enqueue_of(const StepView& step, const KernelPolicy& policy, EngineSource& engines) {
  if (is_convolution(step.op->name)) return prepare_convolution(step, policy, engines);
  const KernelDef* def = find_kernel(step.op->name);
  if (def == nullptr) throw BackendError("cudnn", "it has no kernel for op '" + step.op->name + "'");
  return def->prepare(step);
}

}  // namespace fcngraph::cudnn
