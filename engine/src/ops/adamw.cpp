// SPDX-License-Identifier: Apache-2.0
#include "adam_rules.h"

namespace fcngraph::ops {

const OpDef& adamw() {
  static const OpDef def =
      adam_op<AdamWAttrs, adamw>("adamw", "Adam with decoupled weight decay, as in Keras.", 15,
                                 {.beta1 = 0.5, .beta2 = 0.75, .epsilon = 1e-3, .weight_decay = 0.25});
  return def;
}

}  // namespace fcngraph::ops
