// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <fcngraph/dsl/data_spec.h>
#include <fcngraph/engine/diagnostics.h>

namespace fcngraph {

/// The classes of a data set without opening it: those that the description names, else those of its kind.
std::vector<std::string> data_classes(const dsl::DataSpec& spec);

/// What the description says of resizing has to fit its classes.
void check_resizing(const dsl::DataSpec& spec, const std::vector<std::string>& classes, Diagnostics& diagnostics);

/// The label of padding: a class, or kIgnore.
std::uint8_t padding_label(const dsl::DataSpec& spec);

}  // namespace fcngraph
