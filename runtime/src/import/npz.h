// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "import/source.h"
#include "import/zip.h"

namespace fcngraph::import {

/// The arrays of a `.npz` in the order in which they were saved. Throws IoError.
Source list_npz(const std::shared_ptr<const ZipFile>& archive);

}  // namespace fcngraph::import
