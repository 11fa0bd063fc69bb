// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/tensor.h>

#include "import/hdf5/object_header.h"

namespace fcngraph::import::hdf5 {

/// The numbers of a data set that lies in one piece, in its header, or in chunks behind a B-tree. Floating-point numbers of 32 and 64
/// bits and halves become f32 from any byte order, bfloat16 (also as Keras hands it to HDF5, two opaque bytes) bf16, integers i64.
/// Throws IoError for what is damaged, was never written, lies in another file, or claims more bytes than the file can hold.
Tensor read_data_set(const FileBytes& file, const ObjectHeader& object, const std::string& path);

}  // namespace fcngraph::import::hdf5
