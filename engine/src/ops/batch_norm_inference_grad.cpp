// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "batch_norm_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {
namespace {

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<BatchNormAttrs>();
  const Shape& shape = args.operands[kGradY].type->shape;
  const T* grad_y = args.operands[kGradY].as<T>();
  const T* x = args.operands[kGradX].as<T>();
  const TensorView grad_x = optional_view(args.results, 0), grad_gamma = optional_view(args.results, 1),
                   grad_beta = optional_view(args.results, 2);
  for (std::int64_t c = 0; c < shape[1]; ++c) {
    const double mean = static_cast<double>(args.operands[kGradMean].as<T>()[c]);
    const double inv_std = 1 / std::sqrt(static_cast<double>(args.operands[kGradSpread].as<T>()[c]) + a.epsilon);
    const BatchNormSums sums = batch_norm_sums(shape, c, grad_y, x, mean, inv_std);
    if (grad_gamma.present()) grad_gamma.as<T>()[c] = static_cast<T>(sums.grad_normalized);
    if (grad_beta.present()) grad_beta.as<T>()[c] = static_cast<T>(sums.grad);
    if (!grad_x.present()) continue;
    const double factor = static_cast<double>(args.operands[kGradGamma].as<T>()[c]) * inv_std;
    for_each_in_channel(
        shape, c, [&](std::int64_t i) { grad_x.as<T>()[i] = static_cast<T>(factor * static_cast<double>(grad_y[i])); });
  }
}

}  // namespace

const OpDef& batch_norm_inference_grad() {
  static const OpDef def = OpBuilder<BatchNormAttrs>("batch_norm_inference_grad",
                                                     "Gradients of batch_norm_inference; the statistics are constants.")
                               .input("grad_y")
                               .input("x")
                               .input("gamma")
                               .input("mean")
                               .input("variance")
                               .output("grad_x")
                               .output("grad_gamma")
                               .output("grad_beta")
                               .infer(infer_batch_norm_grad)
                               .flops(flops_per_element(5))
                               .reference(run<float>, run<double>)
                               .cases([] { return batch_norm_grad_cases(BatchNormAttrs{.epsilon = 0.05}); })
                               .in_place()
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
