// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "import/hdf5/data_type.h"
#include "import/hdf5/object_header.h"

namespace fcngraph::import::hdf5 {

struct Attribute {
  DataType type;
  std::vector<std::uint64_t> extents;
  std::span<const std::byte> data;
};

/// The attribute of the name, or nothing. Throws IoError where the header is damaged.
std::optional<Attribute> find_attribute(const FileBytes& file, const ObjectHeader& object, const std::string& name);

/// An attribute's texts, of fixed or variable length; empty where it has no elements. Throws IoError, also where it holds something
/// else.
std::vector<std::string> read_texts(const FileBytes& file, const Attribute& attribute);

}  // namespace fcngraph::import::hdf5
