// SPDX-License-Identifier: Apache-2.0
#include "adam_kernel.h"

namespace fcngraph::onednn {
namespace {

FCNGRAPH_VECTORIZED void run(float* __restrict param, float* __restrict m, float* __restrict v,
                             const float* __restrict grad, const AdamStep<float>& step, std::int64_t n) {
  const AdamStep<float> s = step;
  for (std::int64_t i = 0; i < n; ++i) s.apply(grad[i], param[i], m[i], v[i]);
}

}  // namespace

void adam_row(float* param, float* m, float* v, const float* grad, const AdamStep<float>& step, std::int64_t n) {
  run(param, m, v, grad, step, n);
}

}  // namespace fcngraph::onednn
