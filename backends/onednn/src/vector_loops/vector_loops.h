// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <fcngraph/engine/types.h>

#include "../fourier/layer.h"
#include "../winograd/layer.h"

namespace fcngraph::onednn {

/// Numbers that weights may be stored as.
struct Half {
  std::uint16_t bits;
};
struct Bfloat {
  std::uint16_t bits;
};

/// The loops of our own that are written with vectors, for one instruction set.
struct VectorLoops {
  winograd::Loops winograd;
  fourier::Loops fourier;
};

const VectorLoops& avx512_loops();
const VectorLoops& avx2_loops();
const VectorLoops& scalar_loops();

/// Those for this process.
const VectorLoops& loops_in_use();

namespace winograd {

const Loops& avx512_bf16_loops();

/// Those for this process whose products are of this type, bf16 where it has the instructions for them; else f32.
const Loops& winograd_loops(DType products);

}  // namespace winograd

}  // namespace fcngraph::onednn
