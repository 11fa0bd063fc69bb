// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
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
  std::int64_t across = 0;           ///< frequencies along x
  WaveTable in_across, out_across;   ///< the latter times how often its numbers stand in a whole spectrum
  std::int64_t panels = 0;           ///< vectors of output channels
  std::int64_t weight_channels = 0;  ///< input channels of a panel of weights
  std::int64_t out_channels = 0;     ///< those with a bias
  bool relu = false;
  std::int64_t x_row = 0,
               y_row = 0;  ///< numbers from an image, or a row of one, to the next in a spectrum of all channels

  // Spectra of the plane.
  std::int64_t frequencies = 0;
  const std::int64_t* down = nullptr;  ///< parts down of each part across
  WaveTable in_down;                   ///< [part down][row of x]
  WaveTable out_down;                  ///< [frequency][row of y], times how often its numbers stand in a whole spectrum

  // Spectra of rows.
  std::int64_t period = 0;  ///< along x
  std::int64_t taps_down = 0, pad_top = 0;
};

/// Operands, result and scratch memory of a launch. Spectra of channels lie as [frequency][image][vector of channels][re, im][lane]
/// for those of the plane, as [frequency][image][row][vector of channels][re, im][lane] for those of rows.
struct Tensors {
  const float* x = nullptr;
  const std::byte* weight = nullptr;  ///< as weights.h says
  const float* scale = nullptr;       ///< of each output channel's sums; null: one
  const float* bias = nullptr;        ///< or null
  float* y = nullptr;
  float* x_spectrum = nullptr;
  float* y_spectrum = nullptr;
};

/// One way to compute it. Each loop works on the items [begin, end) of its kind and gives the same bits however these are divided:
/// each number is one sum, in order of the kernel's rows and the input channels.
struct FormLoops {
  /// Items: image * vectors of x + vector.
  void (*transform_input)(const Layer&, const Tensors&, std::int64_t begin, std::int64_t end);
  /// Items: frequency (of rows: along x) * panels + panel.
  void (*multiply)(const Layer&, const Tensors&, std::int64_t begin, std::int64_t end);
  /// Items: image * panels + panel.
  void (*transform_output)(const Layer&, const Tensors&, std::int64_t begin, std::int64_t end);
};

/// The loops for one instruction set.
struct Loops {
  const char* name;
  std::int64_t lanes;                      ///< numbers of a vector
  FormLoops plane;                         ///< transformed along both axes
  FormLoops rows, rows_half, rows_bfloat;  ///< along x alone, by the type of the weights
};

}  // namespace fcngraph::onednn::fourier
