// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include <fcngraph/compare.h>

namespace fcngraph::training {

/// The keys of a resolved model with their values as they are written: "train.epochs" -> "20", "head.fcn8s.from" -> "\"block3_pool\"".
std::map<std::string, std::string> settings_of(const std::string& resolved);

/// What differs, in the order of the keys. Inline tables are compared key by key.
std::vector<SettingDifference> differing_settings(const std::string& resolved_a, const std::string& resolved_b);

}  // namespace fcngraph::training
