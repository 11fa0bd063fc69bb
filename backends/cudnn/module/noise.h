// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <fcngraph/engine/types.h>

#include "launch.h"

namespace fcngraph::cudnn {

/// Fills a tensor with numbers in [-1, 1) that depend on the element alone: a GPU multiplies zeros faster than what comes in life.
void fill_noise(const Queue& queue, DType storage, void* to, std::int64_t elements);

}  // namespace fcngraph::cudnn
