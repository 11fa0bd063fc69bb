// SPDX-License-Identifier: Apache-2.0
#include "conv2d_transpose_loops.h"
#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<Conv2dTransposeGradAttrs>();
  if (!expect_features(c, 0) || !c.expect_rank(1, 4)) return {};
  if (const auto mistake = window_mistake(a.window()); !mistake.empty()) return refuse(c, mistake);
  const auto& grad_y = c.operand(0);
  const auto& weight = c.operand(1).shape;
  if (weight[0] != grad_y.shape[1] || a.groups < 1 || weight[0] % a.groups != 0) {
    return refuse(c,
                  "expected a weight with " + std::to_string(grad_y.shape[1]) + " filters, got " + to_string(weight));
  }
  const Extent2 in = window_output(a.window(), grad_y.shape[2], grad_y.shape[3]);
  if (in.h < 1 || in.w < 1) {
    return refuse(
        c, "the kernel does not fit into a gradient of " + extent_text(grad_y.shape[2], grad_y.shape[3]) + " pixels");
  }
  return {plain(grad_y.dtype, {grad_y.shape[0], checked_mul(weight[1], a.groups), in.h, in.w})};
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<Conv2dTransposeGradAttrs>();
  const auto& grad_x = args.results[0];
  const T* grad_y = args.operands[0].as<T>();
  const T* weight = args.operands[1].as<T>();
  std::vector<double> sums(static_cast<std::size_t>(grad_x.elements()));
  for_each_product(grad_x.type->shape, args.operands[0].type->shape, a.window(), a.groups,
                   [&](std::int64_t xi, std::int64_t wi, std::int64_t yi) {
                     sums[static_cast<std::size_t>(xi)] +=
                         static_cast<double>(grad_y[yi]) * static_cast<double>(weight[wi]);
                   });
  std::transform(sums.begin(), sums.end(), grad_x.as<T>(), [](double s) { return static_cast<T>(s); });
}

double flops(const Attrs&, std::span<const TensorType* const> operands, std::span<const TensorType* const> results) {
  const auto& w = operands[1]->shape;
  const double taps = static_cast<double>(w.elements()) / static_cast<double>(results[0]->shape[1]);
  return 2.0 * static_cast<double>(results[0]->shape.elements()) * taps;
}

}  // namespace

const OpDef& conv2d_transpose_grad_input() {
  static const OpDef def = OpBuilder<Conv2dTransposeGradAttrs>(
                               "conv2d_transpose_grad_input", "Gradient of conv2d_transpose with respect to its input.")
                               .input("grad_y")
                               .input("weight")
                               .output("grad_x")
                               .infer(infer)
                               .flops(flops)
                               .reference(run<float>, run<double>)
                               .cases([] { return conv2d_transpose_gradient_cases(true); })
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
