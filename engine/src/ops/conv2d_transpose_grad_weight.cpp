// SPDX-License-Identifier: Apache-2.0
#include "conv2d_transpose_loops.h"
#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<Conv2dTransposeGradAttrs>();
  if (!expect_features(c, 0) || !expect_features(c, 1)) return {};
  if (const auto mistake = window_mistake(a.window()); !mistake.empty()) return refuse(c, mistake);
  const auto& x = c.operand(0);
  const auto& grad_y = c.operand(1).shape;
  if (a.groups < 1 || x.shape[1] % a.groups != 0 || grad_y[1] % a.groups != 0) {
    return refuse(c, "groups = " + std::to_string(a.groups) + " does not divide the channels of " + to_string(x.shape) +
                         " and " + to_string(grad_y));
  }
  const Extent2 out = transposed_output(a.window(), x.shape[2], x.shape[3]);
  if (grad_y[0] != x.shape[0] || out != Extent2{grad_y[2], grad_y[3]}) {
    return refuse(c, "expected a gradient of " + extent_text(out.h, out.w) + " pixels, got " + to_string(grad_y));
  }
  return {plain(x.dtype, {grad_y[1], x.shape[1] / a.groups, a.kernel.h, a.kernel.w})};
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<Conv2dTransposeGradAttrs>();
  const T* x = args.operands[0].as<T>();
  const T* grad_y = args.operands[1].as<T>();
  std::vector<double> sums(static_cast<std::size_t>(args.results[0].elements()));
  for_each_product(args.operands[0].type->shape, args.operands[1].type->shape, a.window(), a.groups,
                   [&](std::int64_t xi, std::int64_t wi, std::int64_t yi) {
                     sums[static_cast<std::size_t>(wi)] += static_cast<double>(x[xi]) * static_cast<double>(grad_y[yi]);
                   });
  std::transform(sums.begin(), sums.end(), args.results[0].as<T>(), [](double s) { return static_cast<T>(s); });
}

double flops(const Attrs&, std::span<const TensorType* const> operands, std::span<const TensorType* const> results) {
  const auto& w = results[0]->shape;
  const double taps = static_cast<double>(w.elements()) / static_cast<double>(operands[0]->shape[1]);
  return 2.0 * static_cast<double>(operands[0]->shape.elements()) * taps;
}

}  // namespace

const OpDef& conv2d_transpose_grad_weight() {
  static const OpDef def =
      OpBuilder<Conv2dTransposeGradAttrs>("conv2d_transpose_grad_weight",
                                          "Gradient of conv2d_transpose with respect to its weight.")
          .input("x")
          .input("grad_y")
          .output("grad_weight")
          .infer(infer)
          .flops(flops)
          .reference(run<float>, run<double>)
          .cases([] { return conv2d_transpose_gradient_cases(false); })
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
