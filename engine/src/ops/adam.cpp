// SPDX-License-Identifier: Apache-2.0
#include "adam_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {

const OpDef& adam() {
  static const OpDef def =
      OpBuilder<AdamAttrs>("adam", "Adam, as in Keras.")
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
          .infer([](const InferContext& c) { return infer_adam<AdamAttrs>(c, adam()); })
          .flops(flops_per_element(13))
          .reference(run_adam<AdamAttrs, float>, run_adam<AdamAttrs, double>)
          .cases([] { return adam_cases(AdamAttrs{}, AdamAttrs{.beta1 = 0.5, .beta2 = 0.75, .epsilon = 1e-3}); })
          .internal()
          .build();
  return def;
}

}  // namespace fcngraph::ops
