// SPDX-License-Identifier: Apache-2.0
#include "batch_norm_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {
namespace {

template <class T>
void run(const ReferenceArgs& args) {
  const Shape& shape = args.operands[kGradY].type->shape;
  const T* grad_y = args.operands[kGradY].as<T>();
  const T* x = args.operands[kGradX].as<T>();
  const TensorView grad_x = optional_view(args.results, 0), grad_gamma = optional_view(args.results, 1),
                   grad_beta = optional_view(args.results, 2);
  const double count = static_cast<double>(shape[0] * shape[2] * shape[3]);
  for (std::int64_t c = 0; c < shape[1]; ++c) {
    const double mean = static_cast<double>(args.operands[kGradMean].as<T>()[c]);
    const double inv_std = static_cast<double>(args.operands[kGradSpread].as<T>()[c]);
    const BatchNormSums sums = batch_norm_sums(shape, c, grad_y, x, mean, inv_std);
    if (grad_gamma.present()) grad_gamma.as<T>()[c] = static_cast<T>(sums.grad_normalized);
    if (grad_beta.present()) grad_beta.as<T>()[c] = static_cast<T>(sums.grad);
    if (!grad_x.present()) continue;
    const double factor = static_cast<double>(args.operands[kGradGamma].as<T>()[c]) * inv_std;
    for_each_in_channel(shape, c, [&](std::int64_t i) {
      const double normalized = (static_cast<double>(x[i]) - mean) * inv_std;
      const double centred = static_cast<double>(grad_y[i]) - (sums.grad + normalized * sums.grad_normalized) / count;
      grad_x.as<T>()[i] = static_cast<T>(factor * centred);
    });
  }
}

}  // namespace

const OpDef& batch_norm_grad() {
  static const OpDef def =
      OpBuilder<NoAttrs>("batch_norm_grad", "Gradients of batch_norm, through the moments of the batch.")
          .input("grad_y")
          .input("x")
          .input("gamma")
          .input("saved_mean")
          .input("saved_inv_std")
          .output("grad_x")
          .output("grad_gamma")
          .output("grad_beta")
          .infer(infer_batch_norm_grad)
          .flops(flops_per_element(12))
          .reference(run<float>, run<double>)
          .cases([] { return batch_norm_grad_cases(NoAttrs{}); })
          .in_place()
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
