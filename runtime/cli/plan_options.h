// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/model.h>

#include "arguments.h"

namespace fcngraph::cli {

/// What `plan` and `compile` are told about the program to compile.
std::vector<Option> plan_options();
CompileOptions compile_options(const Arguments& arguments);
/// The one file given. Throws UsageError.
Model plan_model(const Arguments& arguments);

}  // namespace fcngraph::cli
