// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <fcngraph/engine/half.h>
#include <fcngraph/engine/types.h>

#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#endif

#include "launch.h"

namespace fcngraph::cudnn {

/// 16-bit floating numbers as they are stored. Every computation is in float.
struct Half {
  std::uint16_t bits;
};
struct BFloat {
  std::uint16_t bits;
};

FCNGRAPH_DEVICE inline float load(float x) { return x; }
FCNGRAPH_DEVICE inline void store(float& to, float x) { to = x; }

FCNGRAPH_DEVICE inline float load(Half x) {
#ifdef __CUDA_ARCH__
  return __half2float(__ushort_as_half(x.bits));
#else
  return half_to_float(x.bits);
#endif
}
FCNGRAPH_DEVICE inline void store(Half& to, float x) {
#ifdef __CUDA_ARCH__
  to.bits = __half_as_ushort(__float2half_rn(x));
#else
  to.bits = float_to_half(x);
#endif
}
FCNGRAPH_DEVICE inline float load(BFloat x) {
#ifdef __CUDA_ARCH__
  return __bfloat162float(__ushort_as_bfloat16(x.bits));
#else
  return bfloat_to_float(x.bits);
#endif
}
FCNGRAPH_DEVICE inline void store(BFloat& to, float x) {
#ifdef __CUDA_ARCH__
  to.bits = __bfloat16_as_ushort(__float2bfloat16_rn(x));
#else
  to.bits = float_to_bfloat(x);
#endif
}

/// Calls f with a null pointer of the type that numbers of `dtype` are stored in; f32 for any other.
template <class F>
void with_storage(DType dtype, F f) {
  if (dtype == DType::f16) return f(static_cast<Half*>(nullptr));
  if (dtype == DType::bf16) return f(static_cast<BFloat*>(nullptr));
  f(static_cast<float*>(nullptr));
}

}  // namespace fcngraph::cudnn
