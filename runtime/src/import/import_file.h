// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/import.h>

#include "import/published.h"

namespace fcngraph::import {

/// import_weights, with the files that it knows by their MD5.
ImportedWeights import_file(const std::filesystem::path& path, const std::string& layout,
                            std::span<const Published> known);

}  // namespace fcngraph::import
