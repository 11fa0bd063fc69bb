// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "layer.h"

namespace fcngraph::onednn::winograd {

/// How the tiles of a layer are shared out: a team of threads works on a block of tiles at a time, in scratch memory of its own.
/// Results do not depend on it.
struct Schedule {
  int threads = 1;
  bool private_blocks = false;  ///< each thread has blocks of its own; else all work on one
  std::int64_t block_tiles = 0;
};

/// Small layers in private blocks, which need no waiting; where the weights do not stay in the third cache, or where there are too
/// few tiles for all threads, one block at a time for all of them, so that weights are read once for it.
Schedule schedule_for(const Layer& layer, const Loops& loops, int threads);

/// Bytes of scratch memory.
std::int64_t workspace_bytes(const Layer& layer, const Loops& loops, const Schedule& schedule);

/// Runs the layer; the workspace need not be initialised, and begins at a multiple of 64 bytes.
void run(const Layer& layer, const Loops& loops, const Schedule& schedule, const Tensors& tensors, float* workspace);

}  // namespace fcngraph::onednn::winograd
