// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/onednn/backend.h>

#include <new>
#include <string>

#include <fcngraph/engine/ops/conv2d.h>

#include "compat.h"
#include "device.h"
#include "isa.h"
#include "kernel_def.h"
#include "known_faults.h"
#include "measured.h"
#include "operations.h"
#include "reference_kernel.h"
#include "thread_scope.h"
#include "vector_loops/vector_loops.h"

namespace fcngraph {
namespace onednn {

const KernelDef* find_kernel(std::string_view op) {
  for (const KernelDef* def : onednn_kernels()) {
    if (def->op == op) return def;
  }
  return nullptr;
}

namespace {

/// A sentence on what this backend can compute with nowhere, or empty.
std::string type_mistake(std::string_view what, std::size_t index, const TensorType* type, bool double_scalars) {
  if (type == nullptr || (double_scalars && type->dtype == DType::f64 && type->shape.rank() == 0)) return {};
  const std::string who = std::string(what) + " " + std::to_string(index);
  if (type->dtype == DType::f64 || type->dtype == DType::f16 || type->dtype == DType::bf16) {
    return who + ": expected f32, got " + std::string(name_of(type->dtype));
  }
  if (type->shape.elements() == 0) return who + " is empty: " + to_string(*type);
  return {};
}

class OnednnBackend final : public Backend {
 public:
  std::string_view name() const override { return "onednn"; }

  Probe probe() const override {
    if (std::string mistake = isa_mistake(); !mistake.empty()) return {false, std::move(mistake)};
    try {
      (void)cpu_engine();
      return {true, "oneDNN " + compat::version() + ", " + compat::isa() + ", " +
                        std::to_string(omp_get_max_threads()) + " threads"};
    } catch (const dnnl::error& e) {
      return {false, std::string("oneDNN has no engine for this machine: ") + e.what()};
    }
  }

  Capability capability(const StepView& step, const KernelPolicy& policy) const override {
    const KernelDef* def = find_kernel(step.op->name);
    const bool double_scalars = def == nullptr || def->reads_double_scalars;
    for (const auto& [what, types] : {std::pair{"operand", &step.operands}, std::pair{"result", &step.results}}) {
      for (std::size_t i = 0; i < types->size(); ++i) {
        auto mistake = type_mistake(what, i, (*types)[i], double_scalars);
        if (!mistake.empty()) return Capability::no(std::move(mistake));
      }
    }
    if (def == nullptr) return reference_capability(step, "this backend has no kernel for op '" + step.op->name + "'");
    try {
      const ThreadScope threads(policy.threads);
      Capability answer = measured_capability(*def, step, policy);
      if (answer.kernel.starts_with("onednn:")) {
        if (std::string fault = known_fault(step); !fault.empty()) {
          // A fused step can be taken apart again, a gradient cannot.
          return step.op == &ops::conv2d() ? Capability::no(std::move(fault))
                                           : reference_capability(step, std::move(fault));
        }
      }
      if (answer.supported && answer.operations == 0) answer.operations = operations_of(step, answer);
      return answer;
    } catch (const dnnl::error& e) {
      return Capability::no(std::string("oneDNN refuses it: ") + e.what());
    }
  }

  Probe multiplies_in(DType type) const override {
    if (type != DType::bf16) return Backend::multiplies_in(type);
    if (has_bf16()) return {true, {}};
    return {false, "products of bf16 need the instructions of avx512_bf16, and " +
                       std::string(loops_in_use().winograd.name) + " is in use"};
  }

  std::unique_ptr<Device> open(const DeviceOptions& options) const override {
    if (const Probe answer = probe(); !answer.available) throw BackendError("onednn", answer.text);
    return std::make_unique<OnednnDevice>(options);
  }

  std::span<const std::string_view> kernel_choices() const override { return measured_kernels(); }

  std::string times_hold_for(const KernelPolicy& policy) const override {
    const ThreadScope threads(policy.threads);
    return "oneDNN " + compat::version() + ", " + compat::isa() + ", " + loops_in_use().winograd.name + ", " +
           std::to_string(omp_get_max_threads()) + " threads";
  }
};

}  // namespace
}  // namespace onednn

const Backend& onednn_backend() {
  static const onednn::OnednnBackend backend;
  return backend;
}

}  // namespace fcngraph
