// SPDX-License-Identifier: Apache-2.0
#include "vector_loops.h"

#include "../isa.h"

namespace fcngraph::onednn {

const VectorLoops& loops_in_use() {
  switch (isa_in_use()) {
#if defined(__x86_64__)
    case Isa::avx512:
      return avx512_loops();
    case Isa::avx2:
      return avx2_loops();
#endif
    default:
      return scalar_loops();
  }
}

const winograd::Loops& winograd::winograd_loops(DType products) {
#if defined(__x86_64__)
  if (products == DType::bf16 && has_bf16()) return avx512_bf16_loops();
#endif
  return loops_in_use().winograd;
}

}  // namespace fcngraph::onednn
