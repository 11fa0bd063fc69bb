// SPDX-License-Identifier: Apache-2.0
#include "adam_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {

const OpDef& adamw() {
  static const OpDef def =
      OpBuilder<AdamWAttrs>("adamw", "Adam with decoupled weight decay, as in Keras.")
          .input("param")
          .input("grad")
          .state("m")
          .state("v")
          .input("lr")
          .input("step")
          .optional_input("scale")
          .optional_input("finite")
          .output("new_param")
          .output("new_m")
          .output("new_v")
          .updates(kNewParam, kParam)
          .updates(kNewM, kM)
          .updates(kNewV, kV)
          .infer([](const InferContext& c) { return infer_adam<AdamWAttrs>(c, adamw()); })
          .flops(flops_per_element(15))
          .reference(run_adam<AdamWAttrs, float>, run_adam<AdamWAttrs, double>)
          .cases([] {
            return adam_cases(AdamWAttrs{},
                              AdamWAttrs{.beta1 = 0.5, .beta2 = 0.75, .epsilon = 1e-3, .weight_decay = 0.25});
          })
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
