// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/op.h>

namespace fcngraph::text {

/// " {filters = 64, stride = 2}": what is not the default; empty when all is.
std::string attrs_text(const Node& node);

/// "f32[1, 64, 56, 56]{aBcd16b, 802816 bytes}", the braces only where the layout is not plain.
std::string type_text(const TensorType& type);

}  // namespace fcngraph::text
