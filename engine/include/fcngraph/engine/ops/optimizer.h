// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/engine/op.h>

namespace fcngraph {

struct SgdAttrs {
  double momentum = 0;
  bool nesterov = false;
  static constexpr auto fields() {
    return std::tuple{Field{"momentum", &SgdAttrs::momentum, "share of the velocity that a step keeps; 0: no velocity"},
                      Field{"nesterov", &SgdAttrs::nesterov, "whether the step looks ahead along the velocity"}};
  }
};

struct AdamAttrs {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-7;
  static constexpr auto fields() {
    return std::tuple{
        Field{"beta1", &AdamAttrs::beta1, "share of the first moment that a step keeps"},
        Field{"beta2", &AdamAttrs::beta2, "share of the second moment that a step keeps"},
        Field{"epsilon", &AdamAttrs::epsilon, "added to the root of the second moment, uncorrected (epsilon-hat)"}};
  }
};

struct AdamWAttrs {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 1e-4;
  static constexpr auto fields() {
    return std::tuple{
        Field{"beta1", &AdamWAttrs::beta1, "share of the first moment that a step keeps"},
        Field{"beta2", &AdamWAttrs::beta2, "share of the second moment that a step keeps"},
        Field{"epsilon", &AdamWAttrs::epsilon, "added to the root of the second moment, uncorrected (epsilon-hat)"},
        Field{"weight_decay", &AdamWAttrs::weight_decay,
              "share of the parameter, times the learning rate, that goes before a step"}};
  }
};

/// A state that an update reads and changes, of its parameter's type: the state of parameter `w` is called
/// `w.<suffix>`.
struct OptimizerState {
  std::string suffix;
  std::size_t operand = 0;
  bool operator==(const OptimizerState&) const = default;
};

/// Where an update op takes its operands; nothing where it has no such operand. All but `param` and `grad` are of
/// rank 0.
struct OptimizerOperands {
  std::size_t param = 0;
  std::size_t grad = 1;
  std::optional<std::size_t> lr;      ///< f32, the learning rate of this step
  std::optional<std::size_t> step;    ///< i64, 1 at the first step
  std::optional<std::size_t> scale;   ///< f32, the gradient is multiplied by it first
  std::optional<std::size_t> finite;  ///< f32, 0: the step is skipped
};

/// Whether `op` is an update: it has operands 'param' and 'grad' and changes 'param'. Holds for an embedder's own, too.
FCNGRAPH_API bool is_optimizer(const OpDef& op);
/// The operands of an update op, found by their names. Throws GraphError when the op is none.
FCNGRAPH_API OptimizerOperands optimizer_operands(const OpDef& op);
/// The states that an update with these attributes needs, in operand order: its operands of kind `state`. They start
/// at 0. sgd without momentum needs none.
FCNGRAPH_API std::vector<OptimizerState> optimizer_states(const OpDef& op, const Attrs& attrs);

namespace ops {

/// (param, grad, velocity or none, lr[], scale[] or none, finite[] or none) -> (new_param, new_velocity), as Keras 3:
/// g = grad * scale; without momentum new_param = param - lr * g; else new_velocity = momentum * velocity - lr * g
/// and new_param = param + new_velocity, or param + momentum * new_velocity - lr * g with nesterov. The velocity is
/// there exactly when momentum is not 0; new_velocity goes with it. Where finite is 0, nothing changes.
FCNGRAPH_API const OpDef& sgd();
/// (param, grad, m, v, lr[], step i64[], scale[] or none, finite[] or none) -> (new_param, new_m, new_v): AdamStep.
FCNGRAPH_API const OpDef& adam();
/// The same with decoupled weight decay before the step.
FCNGRAPH_API const OpDef& adamw();

}  // namespace ops
}  // namespace fcngraph
