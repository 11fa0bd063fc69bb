// SPDX-License-Identifier: Apache-2.0
#include "reference_kernel.h"

#include "elementwise.h"

namespace fcngraph::onednn {
namespace {

/// Keeps copies of what the step shows, since a step is gone when its kernel runs.
class ReferenceKernel final : public Kernel {
 public:
  explicit ReferenceKernel(const StepView& step)
      : rule_(step.op->reference_f32),
        attrs_(*step.attrs),
        operand_types_(copy(step.operands)),
        result_types_(copy(step.results)),
        body_(step.body) {
    operands_ = views(operand_types_);
    results_ = views(result_types_);
  }

  void launch(const LaunchArgs& args) override {
    for (std::size_t i = 0; i < operands_.size(); ++i) operands_[i].data = args.operands[i];
    for (std::size_t i = 0; i < results_.size(); ++i) results_[i].data = args.results[i];
    rule_({attrs_, operands_, results_, body_});
  }

 private:
  static std::vector<TensorType> copy(const std::vector<const TensorType*>& types) {
    std::vector<TensorType> out;
    for (const TensorType* type : types) out.push_back(type != nullptr ? *type : TensorType{});
    return out;
  }
  static std::vector<TensorView> views(const std::vector<TensorType>& types) {
    std::vector<TensorView> out;
    for (const TensorType& type : types) out.push_back({&type, nullptr});
    return out;
  }

  ReferenceRule rule_;
  Attrs attrs_;
  std::vector<TensorType> operand_types_, result_types_;
  std::vector<TensorView> operands_, results_;
  const Graph* body_;
};

}  // namespace

Capability reference_capability(const StepView& step, std::string reason) {
  if (!step.op->reference_f32) return Capability::no("op '" + step.op->name + "' has no reference loop in f32");
  return plain_capability(step, "reference loop", std::move(reason));
}

std::unique_ptr<Kernel> reference_kernel(const StepView& step) { return std::make_unique<ReferenceKernel>(step); }

}  // namespace fcngraph::onednn
