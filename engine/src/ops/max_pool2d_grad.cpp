// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/pool2d.h>

#include "operand_checks.h"
#include "pool2d_windows.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const auto& a = c.attrs.as<MaxPool2dGradAttrs>();
  auto types = infer_pool_grad(c, a.window(), a.ceil, a.input);
  // Of `indices` only the element type and the shape are fixed: what it holds is the backend's.
  if (types.empty() || !expect_same(c, 1, plain(DType::i32, c.operand(0).shape))) return {};
  return types;
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& grad_x = args.results[0];
  const std::int64_t pixels = grad_x.dim(2) * grad_x.dim(3);
  const std::int64_t windows = args.operands[0].dim(2) * args.operands[0].dim(3);
  const T* grad_y = args.operands[0].as<T>();
  const auto* indices = args.operands[1].as<std::int32_t>();
  std::vector<double> sums(static_cast<std::size_t>(grad_x.elements()));
  for (std::int64_t i = 0; i < args.operands[0].elements(); ++i) {
    FCNGRAPH_ASSERT(indices[i] >= 0 && indices[i] < pixels, "an index of max_pool2d lies outside of its plane");
    sums[static_cast<std::size_t>(i / windows * pixels + indices[i])] += static_cast<double>(grad_y[i]);
  }
  std::transform(sums.begin(), sums.end(), grad_x.as<T>(), [](double s) { return static_cast<T>(s); });
}

}  // namespace

// No cases of its own: random indices mean nothing to a backend that stores them in its own way. The cases of
// max_pool2d run it behind the op that writes what it reads.
const OpDef& max_pool2d_grad() {
  static const OpDef def = OpBuilder<MaxPool2dGradAttrs>("max_pool2d_grad", "Gradient of max_pool2d from its indices.")
                               .input("grad_y")
                               .input("indices")
                               .output("grad_x")
                               .infer(infer)
                               .reference(run<float>, run<double>)
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
