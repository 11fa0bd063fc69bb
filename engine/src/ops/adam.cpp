// SPDX-License-Identifier: Apache-2.0
#include "adam_rules.h"

namespace fcngraph::ops {

const OpDef& adam() {
  static const OpDef def =
      adam_op<AdamAttrs, adam>("adam", "Adam, as in Keras.", 13, {.beta1 = 0.5, .beta2 = 0.75, .epsilon = 1e-3});
  return def;
}

}  // namespace fcngraph::ops
