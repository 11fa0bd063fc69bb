// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "import/hdf5/bytes.h"

namespace fcngraph::import::hdf5 {

/// Links of a large group, or many attributes: each is an object of a fractal heap, and a B-tree of version 2 says which there are.
/// h5py makes groups of more than eight such where a name is not ASCII. `id_at` is where in a record of the tree the object's place is.
/// Returns the objects' bytes. Throws IoError.
std::vector<std::span<const std::byte>> read_dense(const FileBytes& file, std::uint64_t heap, std::uint64_t tree,
                                                   std::size_t id_at);

}  // namespace fcngraph::import::hdf5
