// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/batch_norm.h>

#include <cmath>

#include "batch_norm_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  if (!batch_norm_fits(c)) return {};
  return {{c.operand(kX).dtype, c.operand(kX).shape, {}}};
}

void gradient(GradientContext& g) {
  const auto grads = g.emit_all(batch_norm_inference_grad(), "grad", g.attrs(),
                                {g.grad(0), g.operand(kX), g.operand(kGamma), g.operand(kMean), g.operand(kVariance)});
  for (const std::size_t i : {kX, kGamma, kBeta}) {
    if (g.needs(i)) g.set(i, grads[i]);
  }
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<BatchNormAttrs>();
  const Shape& shape = args.operands[kX].type->shape;
  const T* x = args.operands[kX].as<T>();
  T* y = args.results[0].as<T>();
  for (std::int64_t c = 0; c < shape[1]; ++c) {
    const double mean = static_cast<double>(args.operands[kMean].as<T>()[c]);
    const double inv_std = 1 / std::sqrt(static_cast<double>(args.operands[kVariance].as<T>()[c]) + a.epsilon);
    const double gamma = static_cast<double>(args.operands[kGamma].as<T>()[c]);
    const double beta = static_cast<double>(args.operands[kBeta].as<T>()[c]);
    for_each_in_channel(shape, c, [&](std::int64_t i) {
      y[i] = static_cast<T>((static_cast<double>(x[i]) - mean) * inv_std * gamma + beta);
    });
  }
}

}  // namespace

const OpDef& batch_norm_inference() {
  static const OpDef def = OpBuilder<BatchNormAttrs>("batch_norm_inference", "batch_norm by its moving statistics.")
                               .input("x")
                               .parameter("gamma")
                               .parameter("beta")
                               .state("mean")
                               .state("variance")
                               .output("y")
                               .infer(infer)
                               .parameters(batch_norm_parameters)
                               .gradient(gradient)
                               .flops(flops_per_element(2))
                               .coord_map([](const Attrs&, auto) { return CoordMap{}; })
                               .reference(run<float>, run<double>)
                               .cases([] { return batch_norm_cases(0.1, 2.0); })
                               .in_place()
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
