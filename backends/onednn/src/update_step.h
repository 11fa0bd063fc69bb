// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <utility>

#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn {

/// A number of rank 0; `missing` where it is absent.
inline double scalar_of(const LaunchArgs& args, std::optional<std::size_t> operand, double missing = 1.0) {
  if (!operand || *operand >= args.operands.size() || args.operands[*operand] == nullptr) return missing;
  return static_cast<double>(*input(args, *operand));
}

/// Updates work in place: brings what lies elsewhere to the result first. Pairs of result and operand.
inline void start_in_place(const LaunchArgs& args, std::int64_t elements,
                           std::initializer_list<std::pair<std::size_t, std::size_t>> pairs) {
  for (const auto& [result, operand] : pairs) {
    copy_bytes(args.results[result], args.operands[operand], static_cast<std::size_t>(elements) * sizeof(float));
  }
}

}  // namespace fcngraph::onednn
