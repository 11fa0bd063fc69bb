// SPDX-License-Identifier: Apache-2.0
#include "conv2d_loops.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<Conv2dGradAttrs>();
  if (!c.expect_rank(0, 4) || !c.expect_rank(1, 4)) return {};
  const auto& x = c.operand(0);
  if (!is_gradient_of_conv(c, a, c.operand(1).shape, c.operand(1).shape[1])) return {};
  if (x.shape[1] % a.groups != 0 || x.shape[2] != a.input.h || x.shape[3] != a.input.w ||
      x.shape[0] != c.operand(1).shape[0]) {
    c.error("x of shape " + to_string(x.shape) + " does not go with these attributes and a gradient of shape " +
            to_string(c.operand(1).shape));
    return {};
  }
  return {{x.dtype, {c.operand(1).shape[1], x.shape[1] / a.groups, a.kernel.h, a.kernel.w}, {}}};
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<Conv2dGradAttrs>();
  const T* x = args.operands[0].as<T>();
  const T* grad_y = args.operands[1].as<T>();
  const ConvExtents e = conv_extents(args.operands[0].type->shape, args.operands[1].type->shape, a.window(), a.groups);
  std::vector<double> sums(static_cast<std::size_t>(args.results[0].elements()));
  for_each_output(e, [&](const OutputPixel& p) {
    const double g = static_cast<double>(grad_y[p.index]);
    for_each_tap(e, p, [&](std::int64_t xi, std::int64_t wi) {
      sums[static_cast<std::size_t>(wi)] += g * static_cast<double>(x[xi]);
    });
  });
  std::transform(sums.begin(), sums.end(), args.results[0].as<T>(), [](double s) { return static_cast<T>(s); });
}

double flops(const Attrs&, std::span<const TensorType* const> operands, std::span<const TensorType* const> results) {
  const auto& w = results[0]->shape;
  return 2.0 * static_cast<double>(operands[1]->shape.elements()) * static_cast<double>(w[1] * w[2] * w[3]);
}

}  // namespace

const OpDef& conv2d_grad_weight() {
  static const OpDef def =
      OpBuilder<Conv2dGradAttrs>("conv2d_grad_weight", "Gradient of conv2d with respect to its weight.")
          .input("x")
          .input("grad_y")
          .output("grad_weight")
          .infer(infer)
          .flops(flops)
          .reference(run<float>, run<double>)
          .cases([] { return conv2d_gradient_cases(false); })
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
