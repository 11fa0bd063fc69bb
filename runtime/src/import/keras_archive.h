// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "import/source.h"
#include "import/zip.h"

namespace fcngraph::import {

/// The tensors of a `.keras` archive, in the order and by the names of the layers of its `config.json`. Throws IoError.
Source list_keras_archive(const ZipFile& archive);

}  // namespace fcngraph::import
