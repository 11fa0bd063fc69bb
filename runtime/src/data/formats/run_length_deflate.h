// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "data/formats/codecs.h"

namespace fcngraph::data {

/// Rows of `width` bytes as PNG stores them, each behind a filter byte of 0, as a zlib stream (RFC 1950 and 1951) of one block that
/// knows literals and repetitions of the byte before. Takes time for runs, not for bytes.
std::vector<std::uint8_t> deflate_runs(Bytes rows, std::int64_t width);

}  // namespace fcngraph::data
