// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fcngraph::onednn {

/// Instruction sets that loops of our own are written for, each with all of the one before.
enum class Isa { scalar, avx2, avx512 };

std::optional<Isa> isa_from(std::string_view name);

/// The best that this machine has.
Isa best_isa();

/// The one to use: FCNGRAPH_ISA (avx512, avx2 or scalar) where it names one that this machine has, else the best.
Isa isa_in_use();

/// Whether products of bf16 have instructions (avx512_bf16) and the instruction set in use is the one that they belong to.
bool has_bf16();

/// What is wrong with FCNGRAPH_ISA, or empty.
std::string isa_mistake();

}  // namespace fcngraph::onednn
