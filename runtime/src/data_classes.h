// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <fcngraph/dsl/data_spec.h>

namespace fcngraph {

/// The classes of a data set without opening it: those that the description names, else those of its kind.
std::vector<std::string> data_classes(const dsl::DataSpec& spec);

}  // namespace fcngraph
