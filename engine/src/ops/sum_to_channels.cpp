// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/conv2d.h>

namespace fcngraph::ops {
namespace {

template <class T>
void run(const ReferenceArgs& args) {
  const auto& x = args.operands[0];
  const std::int64_t channels = x.dim(1), pixels = x.dim(2) * x.dim(3);
  for (std::int64_t c = 0; c < channels; ++c) {
    double sum = 0;
    for (std::int64_t n = 0; n < x.dim(0); ++n) {
      const T* row = x.as<T>() + (n * channels + c) * pixels;
      for (std::int64_t i = 0; i < pixels; ++i) sum += static_cast<double>(row[i]);
    }
    args.results[0].as<T>()[c] = static_cast<T>(sum);
  }
}

}  // namespace

const OpDef& sum_to_channels() {
  static const OpDef def = OpBuilder<NoAttrs>("sum_to_channels", "Sum over images and pixels: the gradient of a bias.")
                               .input("x")
                               .output("sum")
                               .infer([](const InferContext& c) {
                                 if (!c.expect_rank(0, 4)) return std::vector<TensorType>{};
                                 return std::vector<TensorType>{{c.operand(0).dtype, Shape{c.operand(0).shape[1]}, {}}};
                               })
                               .reference(run<float>, run<double>)
                               .cases([] {
                                 return std::vector<OpCase>{{.name = "rank4",
                                                             .attrs = NoAttrs{},
                                                             .operands = {{DType::f32, {3, 5, 4, 7}, {}}},
                                                             .absent = {},
                                                             .gradient = false}};
                               })
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
