// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include <fcngraph/dataset.h>
#include <fcngraph/model.h>

#include "training/running_program.h"

namespace fcngraph::training {

/// Pictures written at the end of a run.
inline constexpr std::int64_t kOverlaySamples = 4;

/// Writes image, truth and prediction side by side, at the network's size, for the first samples of the validation split and each
/// head: `<folder>/<head>-<sample>.png`. `running` is an evaluation program. Throws IoError.
void write_overlays(const Model& model, const Dataset& dataset, RunningProgram& running,
                    const std::filesystem::path& folder);

}  // namespace fcngraph::training
