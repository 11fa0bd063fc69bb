// SPDX-License-Identifier: Apache-2.0
#include "precision.h"

#include <algorithm>

#include <fcngraph/engine/pass.h>

namespace fcngraph::cudnn {

bool offers(std::string_view op, DType type) {
  static const std::vector<std::string> narrow = precision_policy(DType::f16).narrow;
  if (type != DType::f16 && type != DType::bf16) return type != DType::f64;
  return op == "cast" || op == "reorder" || std::find(narrow.begin(), narrow.end(), op) != narrow.end();
}

std::string type_refusal(const StepView& step) {
  const std::string& op = step.op->name;
  for (const auto& [what, types] : {std::pair{"operand", &step.operands}, std::pair{"result", &step.results}}) {
    for (std::size_t i = 0; i < types->size(); ++i) {
      const TensorType* type = (*types)[i];
      // Sums of squares, and a factor that the model's file gives in f64.
      const bool number = type != nullptr && type->dtype == DType::f64 && type->shape.rank() == 0;
      if (type == nullptr || number || offers(op, type->dtype)) continue;
      const std::string who = std::string(what) + " " + std::to_string(i);
      if (type->dtype == DType::f64) return who + ": expected f32, got f64";
      return who + ": expected f32, got " + std::string(name_of(type->dtype)) + ", in which '" + op +
             "' would lose digits";
    }
  }
  return {};
}

}  // namespace fcngraph::cudnn
