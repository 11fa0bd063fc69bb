// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "import/hdf5/object_header.h"

namespace fcngraph::import::hdf5 {

/// What a group holds, by name: the address of each object's header, kUndefined for links to elsewhere.
using Links = std::map<std::string, std::uint64_t>;

/// Reads a symbol table (B-tree, local heap), or links in the group's own header or in a heap of theirs. Throws IoError.
Links read_links(const FileBytes& file, const ObjectHeader& group);

}  // namespace fcngraph::import::hdf5
