// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/pool2d.h>

#include <cmath>
#include <limits>

#include "conv2d_loops.h"
#include "operand_checks.h"
#include "pool2d_windows.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<MaxPool2dAttrs>();
  const auto types = infer_pool(c, a.window(), a.ceil);
  if (types.empty()) return {};
  const auto& x = c.operand(0).shape;
  if (checked_mul(x[2], x[3]) > std::numeric_limits<std::int32_t>::max()) {
    return refuse(c, "expected an input plane of fewer than 2^31 pixels, got " + extent_text(x[2], x[3]));
  }
  return {types[0], plain(DType::i32, types[0].shape)};
}

void gradient(GradientContext& g) {
  const auto& a = g.attrs().as<MaxPool2dAttrs>();
  const auto& x = g.operand_type(0).shape;
  const MaxPool2dGradAttrs grad{a.kernel, a.stride, a.padding, a.pads, a.ceil, {x[2], x[3]}};
  g.set(0, g.emit(max_pool2d_grad(), "grad", grad, {g.grad(0), g.result(1)}));
}

double flops(const Attrs& attrs, std::span<const TensorType* const>, std::span<const TensorType* const> results) {
  const Extent2 kernel = attrs.as<MaxPool2dAttrs>().kernel;
  return static_cast<double>(results[0]->shape.elements()) * static_cast<double>(kernel.h * kernel.w);
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<MaxPool2dAttrs>();
  const Shape& x = args.operands[0].type->shape;
  const T* in = args.operands[0].as<T>();
  T* out = args.results[0].as<T>();
  auto* indices = args.results[1].as<std::int32_t>();
  for_each_window(x, args.results[0].type->shape, a.window(), [&](const PoolWindow& w) {
    const T* plane = in + w.plane * x[2] * x[3];
    std::int64_t best = w.top * x[3] + w.left;
    for (std::int64_t i = w.top; i < w.bottom; ++i) {
      for (std::int64_t j = w.left; j < w.right; ++j) {
        const std::int64_t at = i * x[3] + j;
        if (plane[at] > plane[best] || (std::isnan(plane[at]) && !std::isnan(plane[best]))) best = at;
      }
    }
    if (out != nullptr) out[w.index] = plane[best];
    if (indices != nullptr) indices[w.index] = static_cast<std::int32_t>(best);
  });
}

std::vector<OpCase> cases() {
  std::vector<OpCase> out;
  for (const PoolCase& c : pool_cases()) {
    out.push_back({.name = c.name,
                   .attrs = MaxPool2dAttrs{c.kernel, c.stride, c.padding, c.pads, c.ceil},
                   .operands = {plain(DType::f32, c.x)},
                   .absent = {}});
  }
  return out;
}

}  // namespace

const OpDef& max_pool2d() {
  static const OpDef def =
      OpBuilder<MaxPool2dAttrs>("max_pool2d", "Largest value of each window.")
          .input("x")
          .output("y")
          .output("indices")
          .infer(infer)
          .gradient(gradient)
          .flops(flops)
          .coord_map([](const Attrs& attrs, std::span<const TensorType* const> operands) {
            return window_map(attrs.as<MaxPool2dAttrs>().window(), operands[0]->shape[2], operands[0]->shape[3]);
          })
          .reference(run<float>, run<double>)
          .cases(cases)
          .build();
  return def;
}

}  // namespace fcngraph::ops
