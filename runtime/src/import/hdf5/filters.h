// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "import/hdf5/bytes.h"

namespace fcngraph::import::hdf5 {

/// What each chunk of a data set went through when it was written, in that order.
enum class Filter : std::uint16_t { deflate = 1, shuffle = 2, fletcher32 = 3 };

/// Reads a filter message. Throws IoError where it is damaged, and for filters that are none of these.
std::vector<Filter> read_filters(const FileBytes& file, std::span<const std::byte> message, const std::string& path);

/// Undoes the filters of a chunk; bit i of `skipped` says that filter i was not applied. The result has `size` bytes in elements of
/// `element`. Throws IoError for a chunk that is damaged or of another size.
std::vector<std::byte> undo_filters(const FileBytes& file, const std::vector<Filter>& filters, std::uint32_t skipped,
                                    std::span<const std::byte> chunk, std::size_t size, std::size_t element,
                                    const std::string& path);

}  // namespace fcngraph::import::hdf5
