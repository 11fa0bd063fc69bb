// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/softmax.h>

#include "channels.h"
#include "flops_per_element.h"
#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  if (!expect_channels(c, 0)) return {};
  const TensorType& grad_y = c.operand(0);
  if (!expect_type(c, 1, "y", grad_y.dtype, grad_y.shape)) return {};
  return {{grad_y.dtype, grad_y.shape, {}}};
}

template <class T>
void run(const ReferenceArgs& args) {
  const ChannelExtents e = channel_extents(args.operands[0].type->shape);
  const T* grad_y = args.operands[0].as<T>();
  const T* y = args.operands[1].as<T>();
  T* grad_x = args.results[0].as<T>();
  for_each_pixel(e, [&](std::int64_t first) {
    double dot = 0;
    for (std::int64_t c = 0; c < e.channels; ++c) {
      const std::int64_t i = first + c * e.pixels;
      dot += static_cast<double>(grad_y[i]) * static_cast<double>(y[i]);
    }
    for (std::int64_t c = 0; c < e.channels; ++c) {
      const std::int64_t i = first + c * e.pixels;
      grad_x[i] = static_cast<T>(static_cast<double>(y[i]) * (static_cast<double>(grad_y[i]) - dot));
    }
  });
}

}  // namespace

const OpDef& softmax_grad() {
  static const OpDef def = OpBuilder<NoAttrs>("softmax_grad", "Gradient of softmax from its output.")
                               .input("grad_y")
                               .input("y")
                               .output("grad_x")
                               .infer(infer)
                               .flops(flops_per_element(4))
                               .reference(run<float>, run<double>)
                               .cases([] {
                                 std::vector<OpCase> out;
                                 for (const Shape& shape : {Shape{2, 4, 3, 5}, Shape{3, 7}}) {
                                   const TensorType t{DType::f32, shape, {}};
                                   out.push_back({.name = "rank" + std::to_string(shape.rank()),
                                                  .attrs = NoAttrs{},
                                                  .operands = {t, t},
                                                  .absent = {},
                                                  .gradient = false});
                                 }
                                 return out;
                               })
                               .in_place()
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
