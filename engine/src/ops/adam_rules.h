// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <vector>

#include <fcngraph/engine/ops/adam_step.h>
#include <fcngraph/engine/ops/optimizer.h>

#include "flops_per_element.h"
#include "update_rules.h"

namespace fcngraph::ops {

enum AdamOperand : std::size_t { kParam, kGrad, kM, kV, kLr, kStep, kScale, kFinite };
enum AdamResult : std::size_t { kNewParam, kNewM, kNewV };

inline double weight_decay_of(const AdamAttrs&) { return 0.0; }
inline double weight_decay_of(const AdamWAttrs& a) { return a.weight_decay; }

template <class A>
std::vector<TensorType> infer_adam(const InferContext& c, const OpDef& op) {
  const auto& a = c.attrs.as<A>();
  for (const auto& [name, beta] : {std::pair{"beta1", a.beta1}, std::pair{"beta2", a.beta2}}) {
    if (!(beta >= 0 && beta < 1))
      return c.error(std::string("expected ") + name + " in [0, 1), got " + to_string(AttrValue(beta))),
             std::vector<TensorType>{};
  }
  constexpr double kMost = std::numeric_limits<double>::max();
  if (!expect_between(c, "epsilon", a.epsilon, 0, kMost) ||
      !expect_between(c, "weight_decay", weight_decay_of(a), 0, kMost))
    return {};
  if (!update_fits(c, op)) return {};
  return std::vector<TensorType>(3, TensorType{c.operand(kParam).dtype, c.operand(kParam).shape, {}});
}

template <class A, class T>
void run_adam(const ReferenceArgs& args) {
  if (scalar_of(optional_view(args.operands, kFinite)) == 0) {
    keep<T>(args.results[kNewParam], args.operands[kParam]);
    keep<T>(args.results[kNewM], args.operands[kM]);
    keep<T>(args.results[kNewV], args.operands[kV]);
    return;
  }
  const auto& a = args.attrs.as<A>();
  const auto step =
      AdamStep<double>::make(a, weight_decay_of(a), scalar_of(args.operands[kLr]),
                             *args.operands[kStep].as<std::int64_t>(), scalar_of(optional_view(args.operands, kScale)));
  for (std::int64_t i = 0; i < args.operands[kParam].elements(); ++i) {
    double param = static_cast<double>(args.operands[kParam].as<T>()[i]);
    double m = static_cast<double>(args.operands[kM].as<T>()[i]);
    double v = static_cast<double>(args.operands[kV].as<T>()[i]);
    step.apply(static_cast<double>(args.operands[kGrad].as<T>()[i]), param, m, v);
    put<T>(args.results[kNewParam], i, param);
    put<T>(args.results[kNewM], i, m);
    put<T>(args.results[kNewV], i, v);
  }
}

/// Second moments and the learning rate must not be negative. A step number of 0 counts as 1.
inline std::vector<OpCase> adam_cases(const Attrs& defaults, const Attrs& others) {
  const TensorType weight{DType::f32, {4, 3, 3, 3}, {}}, bias{DType::f32, Shape{7}, {}},
      scalar{DType::f32, Shape{}, {}}, step{DType::i64, Shape{}, {}};
  const auto one = [&](const char* name, const Attrs& attrs, const TensorType& param, bool guarded) {
    return OpCase{.name = name,
                  .attrs = attrs,
                  .operands = {param, param, param, param, scalar, step, scalar, scalar},
                  .absent = {false, false, false, false, false, false, !guarded, !guarded},
                  .low = 0.01,
                  .high = 1.0,
                  .classes = 50,
                  .gradient = false};
  };
  return {one("defaults", defaults, weight, false), one("defaults_guarded", defaults, weight, true),
          one("others", others, bias, true)};
}

/// The definition of an op of this family; `op` is the function that will return it.
template <class A, const OpDef& (*op)()>
OpDef adam_op(std::string name, std::string doc, double flops, const A& others) {
  return OpBuilder<A>(std::move(name), std::move(doc))
      .input("param")
      .input("grad")
      .state("m")
      .state("v")
      .input("lr")
      .input("step")
      .optional_input("scale")
      .optional_input("finite")
      .output("new_param")
      .output("new_m")
      .output("new_v")
      .updates(kNewParam, kParam)
      .updates(kNewM, kM)
      .updates(kNewV, kV)
      .infer([](const InferContext& c) { return infer_adam<A>(c, op()); })
      .flops(flops_per_element(flops))
      .reference(run_adam<A, float>, run_adam<A, double>)
      .cases([others] { return adam_cases(A{}, others); })
      .internal()
      .build();
}

}  // namespace fcngraph::ops
