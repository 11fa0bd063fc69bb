// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "../blocked_image.h"

namespace fcngraph::onednn::fourier {

/// Cosines and sines: [frequency][place].
struct WaveTable {
  const float* cosine = nullptr;
  const float* sine = nullptr;
};

/// A convolution as the loops see it. Frequencies are counted by their part across, then by their part down.
struct Layer {
  BlockedImage x, y;
  std::int64_t images = 0;
  std::int64_t frequencies = 0, across = 0;
  const std::int64_t* down = nullptr;    ///< parts down of each part across
  const float* down_factor = nullptr;    ///< [frequency]: how often its numbers stand in a whole spectrum, along y
  const float* across_factor = nullptr;  ///< [part across]: the same along x, over the numbers of a period
  WaveTable in_across, in_down, out_across, out_down;
  std::int64_t panels = 0;           ///< vectors of output channels
  std::int64_t weight_channels = 0;  ///< input channels of a panel of weights
  std::int64_t out_channels = 0;     ///< those with a bias
  bool relu = false;
};

/// Operands, result and scratch memory of a launch. Spectra of channels lie as [frequency][image][vector of channels][re, im][lane].
struct Tensors {
  const float* x = nullptr;
  const float* weight = nullptr;  ///< [frequency][panel][input channel][re, im][lane]
  const float* bias = nullptr;    ///< or null
  float* y = nullptr;
  float* x_spectrum = nullptr;
  float* y_spectrum = nullptr;
};

/// The loops for one instruction set. Each works on the items [begin, end) of its kind and gives the same bits however these are
/// divided: each number is one sum, in order of the input channels.
struct Loops {
  const char* name;
  std::int64_t lanes;  ///< numbers of a vector
  std::int64_t rows;   ///< images that are multiplied together, at most
  /// Items: image * vectors of x + vector.
  void (*transform_input)(const Layer&, const Tensors&, std::int64_t begin, std::int64_t end);
  /// Items: frequency * panels + panel.
  void (*multiply)(const Layer&, const Tensors&, std::int64_t begin, std::int64_t end);
  /// Items: image * panels + panel.
  void (*transform_output)(const Layer&, const Tensors&, std::int64_t begin, std::int64_t end);
};

const Loops& avx512_loops();
const Loops& avx2_loops();
const Loops& scalar_loops();

}  // namespace fcngraph::onednn::fourier
