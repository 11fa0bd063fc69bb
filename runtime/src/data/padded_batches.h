// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include <fcngraph/dataset.h>

namespace fcngraph::data {

/// The same data set with every image padded with black, at the bottom and right, to the largest of its batch, and its mask with
/// `label`, a class or kIgnore: as `padded_batch` does before anything is resized. Batches are counted in the order of the samples,
/// `batch` at a time and the rest; so a sample is the same whoever reads it, in whatever order.
std::unique_ptr<Dataset> pad_batches(std::unique_ptr<Dataset> dataset, std::int64_t batch, std::uint8_t label);

}  // namespace fcngraph::data
