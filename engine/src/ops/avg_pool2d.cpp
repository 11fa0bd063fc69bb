// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/pool2d.h>

#include "conv2d_loops.h"
#include "operand_checks.h"
#include "pool2d_windows.h"

namespace fcngraph::ops {
namespace {

void gradient(GradientContext& g) {
  const auto& a = g.attrs().as<AvgPool2dAttrs>();
  const auto& x = g.operand_type(0).shape;
  const AvgPool2dGradAttrs grad{a.kernel, a.stride, a.padding, a.pads, a.ceil, a.include_pad, {x[2], x[3]}};
  g.set(0, g.emit(avg_pool2d_grad(), "grad", grad, {g.grad(0)}));
}

double flops(const Attrs& attrs, std::span<const TensorType* const>, std::span<const TensorType* const> results) {
  const Extent2 kernel = attrs.as<AvgPool2dAttrs>().kernel;
  return static_cast<double>(results[0]->shape.elements()) * static_cast<double>(kernel.h * kernel.w);
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<AvgPool2dAttrs>();
  const Shape& x = args.operands[0].type->shape;
  const T* in = args.operands[0].as<T>();
  T* out = args.results[0].as<T>();
  for_each_window(x, args.results[0].type->shape, a.window(), [&](const PoolWindow& w) {
    const T* plane = in + w.plane * x[2] * x[3];
    double sum = 0;
    for (std::int64_t i = w.top; i < w.bottom; ++i) {
      for (std::int64_t j = w.left; j < w.right; ++j) sum += static_cast<double>(plane[i * x[3] + j]);
    }
    const std::int64_t count = a.include_pad ? w.padded_area : (w.bottom - w.top) * (w.right - w.left);
    out[w.index] = static_cast<T>(sum / static_cast<double>(count));
  });
}

std::vector<OpCase> cases() {
  std::vector<OpCase> out;
  for (const PoolCase& c : pool_cases()) {
    for (const bool include_pad : {false, true}) {
      if (include_pad && c.padding == Padding::valid && !c.ceil) continue;
      out.push_back({.name = c.name + std::string(include_pad ? "_include_pad" : ""),
                     .attrs = AvgPool2dAttrs{c.kernel, c.stride, c.padding, c.pads, c.ceil, include_pad},
                     .operands = {plain(DType::f32, c.x)},
                     .absent = {}});
    }
  }
  return out;
}

}  // namespace

const OpDef& avg_pool2d() {
  static const OpDef def =
      OpBuilder<AvgPool2dAttrs>("avg_pool2d", "Mean of each window.")
          .input("x")
          .output("y")
          .infer([](const InferContext& c) {
            const auto& a = c.attrs.as<AvgPool2dAttrs>();
            return infer_pool(c, a.window(), a.ceil);
          })
          .gradient(gradient)
          .flops(flops)
          .coord_map([](const Attrs& attrs, std::span<const TensorType* const> operands) {
            return window_map(attrs.as<AvgPool2dAttrs>().window(), operands[0]->shape[2], operands[0]->shape[3]);
          })
          .reference(run<float>, run<double>)
          .cases(cases)
          .build();
  return def;
}

}  // namespace fcngraph::ops
