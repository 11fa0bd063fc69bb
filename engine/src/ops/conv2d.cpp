// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/conv2d.h>

#include <cmath>
#include <vector>

#include "conv2d_loops.h"

namespace fcngraph {

Conv2dGradAttrs gradient_attrs(const Conv2dAttrs& c, std::int64_t height, std::int64_t width) {
  return {c.kernel, c.stride, c.dilation, c.groups, c.padding, c.pads, {height, width}};
}

namespace ops {
namespace {

enum Operand : std::size_t { kX, kWeight, kBias, kAddend };

bool pools(Epilogue e) { return e == Epilogue::relu_max_pool; }
bool has_addend(Epilogue e) { return e == Epilogue::add || e == Epilogue::add_relu; }
bool has_relu(Epilogue e) { return e == Epilogue::relu || e == Epilogue::add_relu || pools(e); }

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<Conv2dAttrs>();
  if (!c.expect_rank(kX, 4) || !c.expect_rank(kWeight, 4)) return {};
  const auto& x = c.operand(kX);
  if (const auto mistake = window_mistake(a.window()); !mistake.empty())
    return c.error(mistake), std::vector<TensorType>{};
  if (a.filters < 1 || a.groups < 1)
    return c.error("filters and groups are expected to be at least 1"), std::vector<TensorType>{};
  if (x.shape[1] % a.groups != 0 || a.filters % a.groups != 0) {
    c.error("groups = " + std::to_string(a.groups) + " does not divide " + std::to_string(x.shape[1]) +
            " input channels and " + std::to_string(a.filters) + " filters");
    return {};
  }
  const Shape weight{a.filters, x.shape[1] / a.groups, a.kernel.h, a.kernel.w};
  if (c.operand(kWeight).shape != weight) {
    c.error("expected a weight of shape " + to_string(weight) + ", got " + to_string(c.operand(kWeight).shape));
    return {};
  }
  if (c.has(kBias) && c.operand(kBias).shape != Shape{a.filters}) {
    c.error("expected a bias of shape " + to_string(Shape{a.filters}) + ", got " + to_string(c.operand(kBias).shape));
    return {};
  }
  const Extent2 out = window_output(a.window(), x.shape[2], x.shape[3]);
  if (out.h < 1 || out.w < 1) {
    c.error("the kernel does not fit into an input of " + std::to_string(x.shape[2]) + " x " +
            std::to_string(x.shape[3]) + " pixels");
    return {};
  }
  const std::int64_t share = pools(a.epilogue) ? 2 : 1;
  if (out.h < share || out.w < share)
    return c.error("a sum of " + std::to_string(out.h) + " x " + std::to_string(out.w) + " pixels cannot be pooled"),
           std::vector<TensorType>{};
  const TensorType y{x.dtype, {x.shape[0], a.filters, out.h / share, out.w / share}, {}};
  if (has_addend(a.epilogue) != c.has(kAddend))
    return c.error("the addend and the epilogue disagree"), std::vector<TensorType>{};
  if (c.has(kAddend) && c.operand(kAddend).shape != y.shape)
    return c.error("the addend has another shape"), std::vector<TensorType>{};
  return {y};
}

std::vector<ParameterDef> parameters(const Attrs& attrs, std::span<const TensorType> inputs) {
  const auto& a = attrs.as<Conv2dAttrs>();
  const std::int64_t channels = inputs[0].shape[1] / std::max<std::int64_t>(a.groups, 1);
  return {{"weight", {a.filters, channels, a.kernel.h, a.kernel.w}, {Initializer::Kind::he_normal, 0}},
          {"bias", {a.filters}, {Initializer::Kind::zeros, 0}}};
}

void gradient(GradientContext& g) {
  const auto& a = g.attrs().as<Conv2dAttrs>();
  if (a.epilogue != Epilogue::none) return g.refuse("its epilogue was fused before differentiation");
  const auto& x = g.operand_type(kX).shape;
  const auto grad_attrs = gradient_attrs(a, x[2], x[3]);
  if (g.needs(kX)) g.set(kX, g.emit(conv2d_grad_input(), "grad_input", grad_attrs, {g.grad(0), g.operand(kWeight)}));
  if (g.needs(kWeight))
    g.set(kWeight, g.emit(conv2d_grad_weight(), "grad_weight", grad_attrs, {g.operand(kX), g.grad(0)}));
  if (g.has_operand(kBias) && g.needs(kBias))
    g.set(kBias, g.emit(sum_to_channels(), "grad_bias", NoAttrs{}, {g.grad(0)}));
}

// The sums, before any of them is dropped by pooling.
Shape sums(const Attrs& attrs, const Shape& x) {
  const auto& a = attrs.as<Conv2dAttrs>();
  const Extent2 out = window_output(a.window(), x[2], x[3]);
  return {x[0], a.filters, out.h, out.w};
}

double flops(const Attrs& attrs, std::span<const TensorType* const> operands, std::span<const TensorType* const>) {
  const auto& w = operands[kWeight]->shape;
  return 2.0 * static_cast<double>(sums(attrs, operands[kX]->shape).elements()) *
         static_cast<double>(w[1] * w[2] * w[3]);
}

CoordMap coord_map(const Attrs& attrs, std::span<const TensorType* const> operands) {
  const Window w = attrs.as<Conv2dAttrs>().window();
  const CoordMap m = window_map(w, operands[0]->shape[2], operands[0]->shape[3]);
  if (!pools(attrs.as<Conv2dAttrs>().epilogue)) return m;
  return {2 * m.scale_h, 2 * m.scale_w, m.offset_h + m.scale_h / 2, m.offset_w + m.scale_w / 2};
}

template <class T>
void convolve(const ReferenceArgs& args, const Shape& y, T* out) {
  const auto& a = args.attrs.as<Conv2dAttrs>();
  const auto& x = args.operands[kX];
  const T* weight = args.operands[kWeight].as<T>();
  const T* bias = args.operands[kBias].as<T>();
  const T* addend = args.operands.size() > kAddend ? args.operands[kAddend].as<T>() : nullptr;
  const ConvExtents e = conv_extents(x.type->shape, y, a.window(), a.groups);
  for_each_output(e, [&](const OutputPixel& p) {
    double sum = bias != nullptr ? static_cast<double>(bias[p.channel]) : 0.0;
    for_each_tap(e, p, [&](std::int64_t xi, std::int64_t wi) {
      sum += static_cast<double>(x.as<T>()[xi]) * static_cast<double>(weight[wi]);
    });
    if (addend != nullptr) sum += static_cast<double>(addend[p.index]);
    out[p.index] = static_cast<T>(has_relu(a.epilogue) && sum < 0 ? 0.0 : sum);
  });
}

// The largest of each 2x2 pixels; NaN wins, as in max_pool2d.
template <class T>
void pool(const T* x, const Shape& of_x, T* y, const Shape& of_y) {
  const auto larger = [](T a, T b) { return b > a || std::isnan(b) ? b : a; };
  for (std::int64_t plane = 0; plane < of_x[0] * of_x[1]; ++plane, x += of_x[2] * of_x[3]) {
    for (std::int64_t i = 0; i < of_y[2]; ++i) {
      for (std::int64_t j = 0; j < of_y[3]; ++j) {
        const T *upper = x + 2 * i * of_x[3] + 2 * j, *lower = upper + of_x[3];
        *y++ = larger(larger(upper[0], upper[1]), larger(lower[0], lower[1]));
      }
    }
  }
}

template <class T>
void run(const ReferenceArgs& args) {
  const TensorView& y = args.results[0];
  if (!pools(args.attrs.as<Conv2dAttrs>().epilogue)) return convolve(args, y.type->shape, y.as<T>());
  const Shape whole = sums(args.attrs, args.operands[kX].type->shape);
  std::vector<T> out(static_cast<std::size_t>(whole.elements()));
  convolve(args, whole, out.data());
  pool(out.data(), whole, y.as<T>(), y.type->shape);
}

}  // namespace

const OpDef& conv2d() {
  static const OpDef def = OpBuilder<Conv2dAttrs>("conv2d", "Convolution of each image with a bank of kernels.")
                               .input("x")
                               .parameter("weight")
                               .optional_parameter("bias")
                               .optional_input("addend")
                               .output("y")
                               .infer(infer)
                               .parameters(parameters)
                               .gradient(gradient)
                               .flops(flops)
                               .coord_map(coord_map)
                               .reference(run<float>, run<double>)
                               .cases(conv2d_cases)
                               .build();
  return def;
}

}  // namespace ops
}  // namespace fcngraph
