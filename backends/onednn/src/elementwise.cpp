// SPDX-License-Identifier: Apache-2.0
#include "elementwise.h"

#include "layout.h"

namespace fcngraph::onednn {

Capability plain_capability(const StepView& step, std::string kernel, std::string reason, std::int64_t workspace) {
  Capability answer;
  answer.supported = true;
  answer.kernel = std::move(kernel);
  answer.reason = std::move(reason);
  answer.operands.resize(step.operands.size());
  answer.results.resize(step.results.size());
  answer.workspace = workspace;
  return answer;
}

Layout shared_layout(const StepView& step) {
  const Shape& shape = step.operands[0]->shape;
  for (const TensorType* type : step.operands) {
    if (type == nullptr || type->shape != shape || type->dtype != DType::f32) continue;
    if (!type->layout.is_plain() && desc_of(*type)) return type->layout;
  }
  return {};
}

Capability same_layout_capability(const StepView& step, std::string kernel, std::string reason) {
  Capability answer = plain_capability(step, std::move(kernel), std::move(reason));
  const Layout layout = shared_layout(step);
  const Shape& shape = step.operands[0]->shape;
  const auto share = [&](const std::vector<const TensorType*>& types, std::vector<Layout>& layouts) {
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (types[i] != nullptr && types[i]->shape == shape && types[i]->dtype == DType::f32) layouts[i] = layout;
    }
  };
  share(step.operands, answer.operands);
  share(step.results, answer.results);
  return answer;
}

}  // namespace fcngraph::onednn
