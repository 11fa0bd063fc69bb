// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <fcngraph/engine/half.h>

namespace fcngraph {

/// Arrays of binary16. The first returns false where a finite number became infinite.
bool floats_to_halves(const float* from, std::uint16_t* to, std::size_t count) noexcept;
void halves_to_floats(const std::uint16_t* from, float* to, std::size_t count) noexcept;

}  // namespace fcngraph
