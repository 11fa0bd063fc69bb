// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace fcngraph::testing {

/// What of a document does not follow a JSON Schema, each as "/head/0/name: ...". Knows the keywords that our schema uses, and
/// throws std::invalid_argument at any other: a rule that is not looked at must not seem to be kept.
std::vector<std::string> violations(const nlohmann::json& schema, const nlohmann::json& document);

}  // namespace fcngraph::testing
