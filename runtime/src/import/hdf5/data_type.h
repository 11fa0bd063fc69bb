// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "import/hdf5/bytes.h"

namespace fcngraph::import::hdf5 {

/// What an element is. Of the format's classes those that Keras writes.
struct DataType {
  enum class Kind { other, integer, floating, text, opaque, variable_text };
  Kind kind = Kind::other;
  std::uint32_t size = 0;               ///< bytes of an element
  bool big_endian = false;              ///< of numbers
  bool is_signed = false;               ///< of integers
  bool space_padded = false;            ///< of text of fixed length
  unsigned exponent = 0, mantissa = 0;  ///< bits of a floating-point number
};

/// Reads a data type message. Throws IoError where it is damaged; what is not known is `other`.
DataType read_data_type(const FileBytes& file, std::span<const std::byte> message);

/// Extents, outermost first; none for a single element. Throws IoError.
std::vector<std::uint64_t> read_data_space(const FileBytes& file, std::span<const std::byte> message);

}  // namespace fcngraph::import::hdf5
