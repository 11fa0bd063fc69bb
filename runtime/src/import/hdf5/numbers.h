// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include <fcngraph/tensor.h>

#include "import/hdf5/data_type.h"

namespace fcngraph::import::hdf5 {

/// What numbers of a type become: f32, bf16 or i64; nothing for a type that is not known.
std::optional<DType> dtype_of(const DataType& type, bool is_bfloat);

/// Converts the elements of `stored`, as many as `out` has and of `type`, to the dtype that dtype_of gave.
void convert_numbers(const DataType& type, std::span<const std::byte> stored, Tensor& out);

}  // namespace fcngraph::import::hdf5
