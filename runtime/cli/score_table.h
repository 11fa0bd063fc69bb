// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <fcngraph/evaluate.h>

namespace fcngraph::cli {

/// What colour alone reaches, beside the heads.
struct BaselineRow {
  double accuracy = 0, mean_iou = 0;
};

/// A row a head, the baseline where there is one, then the classes of the last head and those that are left out.
std::string score_table(const EvalReport& report, const std::optional<BaselineRow>& baseline = {});

}  // namespace fcngraph::cli
