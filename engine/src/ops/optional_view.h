// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph::ops {

/// View i, or an absent one where the list ends before it.
inline TensorView optional_view(std::span<const TensorView> views, std::size_t i) {
  return i < views.size() ? views[i] : TensorView{};
}

}  // namespace fcngraph::ops
