// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <fcngraph/engine/graph.h>

namespace fcngraph {

/// Fills a parameter or state as its initializer says. Random numbers are keyed by (seed, name) and counted by element, so that
/// no thread, order or other parameter changes them. fan_in = I * kh * kw and fan_out = O * kh * kw of an OIHW shape.
///   he_normal       normal, standard deviation sqrt(2 / fan_in)         (He et al. 2015)
///   glorot_uniform  uniform in +-sqrt(6 / (fan_in + fan_out))            (Glorot and Bengio 2010)
///   bilinear        each channel upsamples itself: for factor f the kernel has 2f - f mod 2 taps (Long et al. 2015)
/// `out` has the type's bytes in plain layout; f32 and f64 (zeros: any dtype). Throws GraphError for others.
void initialize(const Initializer& init, std::uint64_t seed, std::string_view name, const TensorType& type,
                std::span<std::byte> out);

}  // namespace fcngraph
