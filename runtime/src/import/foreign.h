// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace fcngraph::import {

/// Whether the file is HDF5 or zip by its first bytes: nothing that can be mapped as it is.
bool is_foreign(std::span<const std::byte> file) noexcept;

/// Whether a file with tensors of these names is in Keras's layout.
bool has_keras_names(const std::vector<std::string>& names);

}  // namespace fcngraph::import
