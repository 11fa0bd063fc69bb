// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/pool2d.h>

#include "operand_checks.h"
#include "pool2d_windows.h"

namespace fcngraph::ops {
namespace {

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<AvgPool2dGradAttrs>();
  const Shape& x = args.results[0].type->shape;
  const T* grad_y = args.operands[0].as<T>();
  std::vector<double> sums(static_cast<std::size_t>(args.results[0].elements()));
  for_each_window(x, args.operands[0].type->shape, a.window(), [&](const PoolWindow& w) {
    double* plane = sums.data() + w.plane * x[2] * x[3];
    const std::int64_t count = a.include_pad ? w.padded_area : (w.bottom - w.top) * (w.right - w.left);
    const double share = static_cast<double>(grad_y[w.index]) / static_cast<double>(count);
    for (std::int64_t i = w.top; i < w.bottom; ++i) {
      for (std::int64_t j = w.left; j < w.right; ++j) plane[i * x[3] + j] += share;
    }
  });
  std::transform(sums.begin(), sums.end(), args.results[0].as<T>(), [](double s) { return static_cast<T>(s); });
}

std::vector<OpCase> cases() {
  std::vector<OpCase> out;
  for (const PoolCase& c : pool_cases()) {
    for (const bool include_pad : {false, true}) {
      if (include_pad && c.padding == Padding::valid && !c.ceil) continue;
      out.push_back(
          {.name = c.name + std::string(include_pad ? "_include_pad" : ""),
           .attrs = AvgPool2dGradAttrs{c.kernel, c.stride, c.padding, c.pads, c.ceil, include_pad, {c.x[2], c.x[3]}},
           .operands = {plain(DType::f32, c.y())},
           .absent = {},
           .gradient = false});
    }
  }
  return out;
}

}  // namespace

const OpDef& avg_pool2d_grad() {
  static const OpDef def = OpBuilder<AvgPool2dGradAttrs>("avg_pool2d_grad", "Gradient of avg_pool2d.")
                               .input("grad_y")
                               .output("grad_x")
                               .infer([](const InferContext& c) {
                                 const auto& a = c.attrs.as<AvgPool2dGradAttrs>();
                                 return infer_pool_grad(c, a.window(), a.ceil, a.input);
                               })
                               .reference(run<float>, run<double>)
                               .cases(cases)
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
