// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fcngraph/engine/passes.h>

namespace fcngraph {

std::span<const Pass> builtin_passes() {
  // In the order of compiler.cpp. What makes a pass needed is said in the words of one who asks to disable it.
  static constexpr std::array kPasses{
      Pass{"infer_shapes", infer_shapes},
      Pass{"align_crops", align_crops},
      Pass{"drop_identities", drop_identities},
      Pass{"merge_duplicates", merge_duplicates},
      Pass{"eliminate_dead", eliminate_dead},
      Pass{"fold_constants", fold_constants},
      Pass{"commute_score_upsample", commute_score_upsample},
      Pass{"differentiate", differentiate, "training needs gradients"},
      Pass{"accumulate_gradients", accumulate_gradients, "parts of a batch add up in it"},
      Pass{"insert_updates", insert_updates, "training needs the optimiser's steps"},
      Pass{"apply_precision_policy", apply_precision_policy},
      Pass{"split_frontier", split_frontier},
      Pass{"fuse_epilogues", fuse_epilogues},
      Pass{"fuse_regions", fuse_regions},
      Pass{"recompute", recompute},
      Pass{"assign_layouts", assign_layouts, "it asks the backend what it can run"},
      Pass{"insert_reorders", insert_reorders, "kernels read their operands in layouts of their own"},
      Pass{"choose_kernels", choose_kernels, "a step without a kernel cannot run"},
      Pass{"split_setup", split_setup},
      Pass{"order_steps", order_steps, "setup steps come first and updates last"},
  };
  return kPasses;
}

const Pass& find_pass(std::string_view name) {
  const auto passes = builtin_passes();
  const auto found = std::find_if(passes.begin(), passes.end(), [&](const Pass& pass) { return pass.name == name; });
  if (found != passes.end()) return *found;
  std::vector<std::string> names;
  for (const Pass& pass : passes) names.emplace_back(pass.name);
  const std::string hint = did_you_mean(name, names);
  throw GraphError("there is no pass '" + std::string(name) + "'" + (hint.empty() ? "" : ", " + hint) +
                   "; passes: " + join(names));
}

}  // namespace fcngraph
