// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/backend.h>

#include "image.h"

namespace fcngraph::cudnn {

/// Yes, by a kernel of our own, with every operand as it lies (plain where it lies as no kernel here reads it) and every result of
/// rank 4 channels last where operand 0 is.
inline Capability as_it_lies(const StepView& step, std::int64_t workspace = 0) {
  Capability yes;
  yes.supported = true;
  yes.kernel = "cuda";
  yes.reason = "a kernel of our own";
  yes.workspace = workspace;
  const auto readable = [](const TensorType* type) {
    return type != nullptr && type->layout.tag == kChannelsLast ? type->layout : Layout{};
  };
  for (const TensorType* type : step.operands) yes.operands.push_back(readable(type));
  const bool last = !yes.operands.empty() && !yes.operands[0].is_plain();
  for (const TensorType* type : step.results) {
    const bool as_asked = type != nullptr && step.layouts_are_final;
    yes.results.push_back(as_asked ? readable(type) : last && type != nullptr ? channels_last(*type) : Layout{});
  }
  return yes;
}

/// Yes, with every operand of operand 0's shape in operand 0's layout, and so the results of that shape: elements meet by address.
inline Capability side_by_side(const StepView& step, std::int64_t workspace = 0) {
  Capability yes = as_it_lies(step, workspace);
  const auto same = [&](const TensorType* type) { return type != nullptr && type->shape == step.operands[0]->shape; };
  const bool last = !yes.operands[0].is_plain();
  for (std::size_t i = 1; i < step.operands.size(); ++i) {
    if (same(step.operands[i])) yes.operands[i] = last ? channels_last(*step.operands[i]) : Layout{};
  }
  for (std::size_t r = 0; r < step.results.size(); ++r) {
    if (same(step.results[r])) yes.results[r] = last ? channels_last(*step.results[r]) : Layout{};
  }
  return yes;
}

template <class T>
T* at(std::byte* address) {
  return reinterpret_cast<T*>(address);
}
template <class T>
const T* in(const LaunchArgs& args, std::size_t i) {
  return i < args.operands.size() ? reinterpret_cast<const T*>(args.operands[i]) : nullptr;
}
template <class T>
T* out(const LaunchArgs& args, std::size_t r) {
  return r < args.results.size() ? reinterpret_cast<T*>(args.results[r]) : nullptr;
}

}  // namespace fcngraph::cudnn
