// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "import/hdf5/bytes.h"

namespace fcngraph::import::hdf5 {

/// The elements of a data set in chunks, put together. `layout` stands behind the version and class of a layout message of version 3;
/// `filters` is the filter message, empty where there is none; `element` is bytes. Throws IoError for chunks that are missing.
std::vector<std::byte> read_chunks(const FileBytes& file, Cursor& layout, std::span<const std::byte> filters,
                                   const std::vector<std::uint64_t>& extents, std::size_t element,
                                   const std::string& path);

}  // namespace fcngraph::import::hdf5
