// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/op.h>

namespace fcngraph {

struct ConfusionAttrs {
  std::int64_t classes = 0;
  std::int64_t ignore = 255;
  static constexpr auto fields() {
    return std::tuple{Field{"classes", &ConfusionAttrs::classes, "number of classes, 1 to 255"},
                      Field{"ignore", &ConfusionAttrs::ignore, "label of pixels that do not count"}};
  }
};

namespace ops {

/// (labels u8, predicted u8, of one shape) -> counts i64 [classes, classes]: pixels by label (rows) and prediction (columns).
/// Pixels whose label is `ignore`, or with one of the two that is no class, do not count. Whole numbers: the same in any order.
FCNGRAPH_API const OpDef& confusion();

}  // namespace ops
}  // namespace fcngraph
