// SPDX-License-Identifier: Apache-2.0
#include "conv2d_loops.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<Conv2dGradAttrs>();
  if (!c.expect_rank(0, 4) || !c.expect_rank(1, 4)) return {};
  const auto& grad_y = c.operand(0);
  if (!is_gradient_of_conv(c, a, grad_y.shape, c.operand(1).shape[0])) return {};
  return {{grad_y.dtype, {grad_y.shape[0], checked_mul(c.operand(1).shape[1], a.groups), a.input.h, a.input.w}, {}}};
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<Conv2dGradAttrs>();
  const T* grad_y = args.operands[0].as<T>();
  const T* weight = args.operands[1].as<T>();
  const ConvExtents e = conv_extents(args.results[0].type->shape, args.operands[0].type->shape, a.window(), a.groups);
  std::vector<double> sums(static_cast<std::size_t>(args.results[0].elements()));
  for_each_output(e, [&](const OutputPixel& p) {
    const double g = static_cast<double>(grad_y[p.index]);
    for_each_tap(e, p, [&](std::int64_t xi, std::int64_t wi) {
      sums[static_cast<std::size_t>(xi)] += g * static_cast<double>(weight[wi]);
    });
  });
  std::transform(sums.begin(), sums.end(), args.results[0].as<T>(), [](double s) { return static_cast<T>(s); });
}

double flops(const Attrs&, std::span<const TensorType* const> operands, std::span<const TensorType* const>) {
  const auto& w = operands[1]->shape;
  return 2.0 * static_cast<double>(operands[0]->shape.elements()) * static_cast<double>(w[1] * w[2] * w[3]);
}

}  // namespace

const OpDef& conv2d_grad_input() {
  static const OpDef def =
      OpBuilder<Conv2dGradAttrs>("conv2d_grad_input", "Gradient of conv2d with respect to its input.")
          .input("grad_y")
          .input("weight")
          .output("grad_x")
          .infer(infer)
          .flops(flops)
          .reference(run<float>, run<double>)
          .cases([] { return conv2d_gradient_cases(true); })
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
