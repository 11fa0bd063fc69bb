// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/kernel_times.h>

namespace fcngraph {

std::string step_key(const StepView& step, const KernelPolicy& policy) {
  std::string key = step.op->name + "(", absent;
  for (std::size_t i = 0; i < step.operands.size(); ++i) {
    const TensorType* type = step.operands[i];
    const char* comma = i > 0 ? ", " : "";
    if (type == nullptr) {
      absent += std::string(comma) + "-";  // said where another follows
      continue;
    }
    key += absent + comma + std::string(name_of(type->dtype)) + to_string(type->shape);
    absent.clear();
  }
  key += ") {";
  const char* separator = "";
  for (const auto& [name, value] : step.attrs->to_map()) {
    key += separator + name + "=" + to_string(value);
    separator = ", ";
  }
  key += "}";
  if (policy.storage != "f32") key += " stored as " + policy.storage;
  if (policy.products != DType::f32) key += " multiplied in " + std::string(name_of(policy.products));
  return key;
}

}  // namespace fcngraph
