// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include <fcngraph/engine/types.h>

namespace fcngraph::cudnn {

enum class ConvolutionKind : std::uint8_t { forward, data_gradient, weight_gradient };

/// Everything that a cuDNN plan of a convolution depends on, and nothing else: two steps with equal keys share a plan. Images lie in
/// NHWC, weights in OHWI, both packed. Sums are in f32 whatever the storage.
struct PlanKey {
  ConvolutionKind kind = ConvolutionKind::forward;
  DType storage = DType::f16;          ///< of every tensor
  std::array<std::int32_t, 4> x{};     ///< N, C, H, W of the convolution's input
  std::array<std::int32_t, 4> w{};     ///< O, C / groups, h, w
  std::array<std::int32_t, 4> y{};     ///< N, O, H, W of its output
  std::array<std::int32_t, 4> pads{};  ///< top, left, bottom, right
  std::array<std::int32_t, 2> stride{1, 1};
  std::array<std::int32_t, 2> dilation{1, 1};
  // What is fused behind a forward convolution, in this order.
  bool bias = false, addend = false, relu = false;
  bool deterministic = true;
  bool autotune = false;  ///< the engine is the fastest of those that were timed, not the heuristics' first

  bool has_epilogue() const noexcept { return bias || addend || relu; }
  auto operator<=>(const PlanKey&) const = default;
};

/// The key as one line of text, as it names an entry of the cache on disk: "forward f16 x 8,3,224,224 w 64,3,3,3 ...".
std::string to_string(const PlanKey& key);

/// What cuDNN notes on an engine's numbers.
enum class EngineNote : std::uint8_t {
  reduced_precision_reduction,
  tensor_core,
  down_convert_inputs,
  nondeterministic
};

/// Engines with any of these notes are no candidates: sums are in f32, f32 is no TF32, and equal runs give equal bits.
std::vector<EngineNote> refused_notes(const PlanKey& key);

/// The same convolution with nothing fused behind it.
PlanKey without_epilogue(PlanKey key);

}  // namespace fcngraph::cudnn
