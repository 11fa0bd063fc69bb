// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace fcngraph::onednn {

/// Multiplications and additions a second that all threads together reach in f32, by the instruction set in use: multiply-adds on
/// registers alone, with nothing to wait for.
double measure_peak();

}  // namespace fcngraph::onednn
