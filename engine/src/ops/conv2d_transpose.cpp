// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/conv2d_transpose.h>

#include <fcngraph/engine/ops/conv2d.h>

#include "conv2d_transpose_loops.h"
#include "operand_checks.h"

namespace fcngraph {
namespace {

std::int64_t output_extent(std::int64_t input, std::int64_t stride, std::int64_t covered, Padding padding,
                           std::int64_t cut) {
  if (padding == Padding::same) return checked_mul(input, stride);
  const std::int64_t full = checked_add(checked_mul(input - 1, stride), covered);
  return padding == Padding::valid ? full : full - cut;
}

}  // namespace

Extent2 transposed_output(const Window& w, std::int64_t height, std::int64_t width) {
  const Extent2 kernel = covered(w);
  return {output_extent(height, w.stride.h, kernel.h, w.padding, checked_add(w.pads.top, w.pads.bottom)),
          output_extent(width, w.stride.w, kernel.w, w.padding, checked_add(w.pads.left, w.pads.right))};
}

namespace ops {
namespace {

enum Operand : std::size_t { kX, kWeight, kBias };

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<Conv2dTransposeAttrs>();
  if (!expect_features(c, kX) || !c.expect_rank(kWeight, 4)) return {};
  const auto& x = c.operand(kX);
  if (const auto mistake = window_mistake(a.window()); !mistake.empty()) return refuse(c, mistake);
  if (a.filters < 1 || a.groups < 1) return refuse(c, "filters and groups are expected to be at least 1");
  if (x.shape[1] % a.groups != 0 || a.filters % a.groups != 0) {
    return refuse(c, "groups = " + std::to_string(a.groups) + " does not divide " + std::to_string(x.shape[1]) +
                         " input channels and " + std::to_string(a.filters) + " filters");
  }
  const Shape weight{a.filters, x.shape[1] / a.groups, a.kernel.h, a.kernel.w};
  if (c.operand(kWeight).shape != weight) {
    return refuse(c,
                  "expected a weight of shape " + to_string(weight) + ", got " + to_string(c.operand(kWeight).shape));
  }
  if (c.has(kBias) && c.operand(kBias).shape != Shape{a.filters}) {
    return refuse(
        c, "expected a bias of shape " + to_string(Shape{a.filters}) + ", got " + to_string(c.operand(kBias).shape));
  }
  const Extent2 out = transposed_output(a.window(), x.shape[2], x.shape[3]);
  if (out.h < 1 || out.w < 1) {
    return refuse(
        c, "the pads leave nothing of the output of an input of " + extent_text(x.shape[2], x.shape[3]) + " pixels");
  }
  return {plain(x.dtype, {x.shape[0], a.filters, out.h, out.w})};
}

std::vector<ParameterDef> parameters(const Attrs& attrs, std::span<const TensorType> inputs) {
  const auto& a = attrs.as<Conv2dTransposeAttrs>();
  const std::int64_t channels = inputs[0].shape[1] / std::max<std::int64_t>(a.groups, 1);
  return {{"weight", {a.filters, channels, a.kernel.h, a.kernel.w}, {Initializer::Kind::he_normal, 0}},
          {"bias", {a.filters}, {Initializer::Kind::zeros, 0}}};
}

void gradient(GradientContext& g) {
  const auto& a = g.attrs().as<Conv2dTransposeAttrs>();
  const Conv2dTransposeGradAttrs grad{a.kernel, a.stride, a.dilation, a.groups, a.padding, a.pads};
  if (g.needs(kX))
    g.set(kX, g.emit(conv2d_transpose_grad_input(), "grad_input", grad, {g.grad(0), g.operand(kWeight)}));
  if (g.needs(kWeight))
    g.set(kWeight, g.emit(conv2d_transpose_grad_weight(), "grad_weight", grad, {g.operand(kX), g.grad(0)}));
  if (g.has_operand(kBias) && g.needs(kBias))
    g.set(kBias, g.emit(sum_to_channels(), "grad_bias", NoAttrs{}, {g.grad(0)}));
}

double flops(const Attrs&, std::span<const TensorType* const> operands, std::span<const TensorType* const> results) {
  // Each input pixel meets every tap of its group's filters.
  const auto& w = operands[kWeight]->shape;
  const double taps = static_cast<double>(w.elements()) / static_cast<double>(operands[kX]->shape[1]);
  return 2.0 * static_cast<double>(operands[kX]->shape.elements()) * taps +
         static_cast<double>(results[0]->shape.elements());
}

CoordMap coord_map(const Attrs& attrs, std::span<const TensorType* const> operands) {
  const Window w = attrs.as<Conv2dTransposeAttrs>().window();
  const Extent2 out = transposed_output(w, operands[kX]->shape[2], operands[kX]->shape[3]);
  const Pads cut = resolve_pads(w, out.h, out.w);
  const Extent2 kernel = covered(w);
  const auto h = static_cast<double>(w.stride.h), v = static_cast<double>(w.stride.w);
  return {1 / h, 1 / v, (static_cast<double>(cut.top) - static_cast<double>(kernel.h - 1) / 2) / h,
          (static_cast<double>(cut.left) - static_cast<double>(kernel.w - 1) / 2) / v};
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<Conv2dTransposeAttrs>();
  const auto& y = args.results[0];
  const T* x = args.operands[kX].as<T>();
  const T* weight = args.operands[kWeight].as<T>();
  const T* bias = args.operands[kBias].as<T>();
  std::vector<double> sums(static_cast<std::size_t>(y.elements()));
  for_each_product(args.operands[kX].type->shape, y.type->shape, a.window(), a.groups,
                   [&](std::int64_t xi, std::int64_t wi, std::int64_t yi) {
                     sums[static_cast<std::size_t>(yi)] += static_cast<double>(x[xi]) * static_cast<double>(weight[wi]);
                   });
  const std::int64_t pixels = y.dim(2) * y.dim(3);
  for (std::int64_t i = 0; i < y.elements(); ++i) {
    const double offset = bias != nullptr ? static_cast<double>(bias[i / pixels % y.dim(1)]) : 0.0;
    y.as<T>()[i] = static_cast<T>(sums[static_cast<std::size_t>(i)] + offset);
  }
}

}  // namespace

const OpDef& conv2d_transpose() {
  static const OpDef def =
      OpBuilder<Conv2dTransposeAttrs>("conv2d_transpose", "Transposed convolution: a learned upsampling.")
          .input("x")
          .parameter("weight")
          .optional_parameter("bias")
          .output("y")
          .infer(infer)
          .parameters(parameters)
          .gradient(gradient)
          .flops(flops)
          .coord_map(coord_map)
          .reference(run<float>, run<double>)
          .cases(conv2d_transpose_cases)
          .build();
  return def;
}

}  // namespace ops
}  // namespace fcngraph
