// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/optimizer.h>

#include "flops_per_element.h"
#include "update_rules.h"

namespace fcngraph::ops {
namespace {

enum Operand : std::size_t { kParam, kGrad, kVelocity, kLr, kScale, kFinite };
enum Result : std::size_t { kNewParam, kNewVelocity };

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<SgdAttrs>();
  if (!expect_between(c, "momentum", a.momentum, 0, 1) || !update_fits(c, sgd())) return {};
  if (c.has(kVelocity) != (a.momentum != 0))
    return c.error("expected a velocity exactly when momentum is not 0"), std::vector<TensorType>{};
  const TensorType type{c.operand(kParam).dtype, c.operand(kParam).shape, {}};
  return std::vector<TensorType>(c.has(kVelocity) ? 2 : 1, type);
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<SgdAttrs>();
  const TensorView param = args.operands[kParam], velocity = args.operands[kVelocity];
  const TensorView new_param = args.results[kNewParam], new_velocity = optional_view(args.results, kNewVelocity);
  if (scalar_of(optional_view(args.operands, kFinite)) == 0) {
    keep<T>(new_param, param);
    keep<T>(new_velocity, velocity);
    return;
  }
  const double rate = scalar_of(args.operands[kLr]) * scalar_of(optional_view(args.operands, kScale));
  const T* grad = args.operands[kGrad].as<T>();
  for (std::int64_t i = 0; i < param.elements(); ++i) {
    const double step = rate * static_cast<double>(grad[i]);
    double change = -step;
    if (velocity.present()) {
      const double v = a.momentum * static_cast<double>(velocity.as<T>()[i]) - step;
      change = a.nesterov ? a.momentum * v - step : v;
      put<T>(new_velocity, i, v);
    }
    put<T>(new_param, i, static_cast<double>(param.as<T>()[i]) + change);
  }
}

std::vector<OpCase> cases() {
  const TensorType weight{DType::f32, {4, 3, 3, 3}, {}}, scalar{DType::f32, Shape{}, {}};
  const auto one = [&](const char* name, SgdAttrs attrs, bool guarded) {
    return OpCase{.name = name,
                  .attrs = attrs,
                  .operands = {weight, weight, weight, scalar, scalar, scalar},
                  .absent = {false, false, attrs.momentum == 0, false, !guarded, !guarded},
                  .low = 0.01,
                  .high = 1.0,
                  .gradient = false};
  };
  return {one("plain", {}, false), one("plain_guarded", {}, true), one("momentum", {.momentum = 0.9}, false),
          one("nesterov", {.momentum = 0.9, .nesterov = true}, true)};
}

}  // namespace

const OpDef& sgd() {
  static const OpDef def = OpBuilder<SgdAttrs>("sgd", "Gradient descent with momentum.")
                               .input("param")
                               .input("grad")
                               .optional_state("velocity")
                               .input("lr")
                               .optional_input("scale")
                               .optional_input("finite")
                               .output("new_param")
                               .output("new_velocity")
                               .updates(kNewParam, kParam)
                               .updates(kNewVelocity, kVelocity)
                               .infer(infer)
                               .flops(flops_per_element(4))
                               .reference(run<float>, run<double>)
                               .cases(cases)
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
