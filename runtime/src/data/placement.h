// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <fcngraph/dsl/data_spec.h>
#include <fcngraph/image.h>

#include "data/preprocess.h"
#include "data/resize.h"

namespace fcngraph::data {

/// Marks a label that lay between two classes before it was cut off to the lower one: class + kMixed. kIgnore is no such label.
inline constexpr std::uint8_t kMixed = 128;
inline constexpr std::size_t kMostMixedClasses = 127;

struct Size {
  std::int64_t height = 0;
  std::int64_t width = 0;
  bool operator==(const Size&) const = default;
};

/// Where a file's pixels lie in a network's input, for one resize mode; knows the way there and the way back.
/// The window of the file (all of it, or the centre for `crop`) is scaled onto the content rectangle of the network's
/// input; what lies outside that rectangle is padding: zero after preprocessing, kIgnore in labels.
///   stretch    the whole file onto the whole input
///   letterbox  the whole file, aspect kept, centred
///   crop       the whole input, aspect kept, from the file's centre
///   native     unscaled at the top left; GraphError where the file is larger than the input
struct Placement {
  Size file;
  Size network;
  AxisWindow window_y, window_x;                          ///< in file pixels
  std::int64_t top = 0, left = 0, height = 0, width = 0;  ///< content, in network pixels

  /// The file position (y, x), in pixels with centres at .5, under the centre of a network pixel.
  std::pair<double, double> file_position(std::int64_t y, std::int64_t x) const;

  /// Resizes, preprocesses and places an RGB image, reduced or not: planes [3, network.height, network.width]. `half`: as binary16
  /// computes it.
  void place(const Image& image, Preprocess preprocess, bool flip, std::span<float> planes, bool half = false) const;
  /// The same for labels, by the nearest pixel: [network.height, network.width]. Outside the content: `padding`.
  void place(const LabelMap& labels, bool flip, std::span<std::uint8_t> out, std::uint8_t padding = kIgnore) const;
  /// Labels as an image of one channel is resized, in float32, or rounded to binary16: classes, marked by kMixed where the number was
  /// no whole one. A pixel that an ignored one has a part in is ignored. At most kMostMixedClasses classes.
  void place_mixed(const LabelMap& labels, bool flip, std::span<std::uint8_t> out, std::uint8_t padding = kIgnore,
                   bool half = false) const;

  /// The way back for logits: planes [channels, network.height, network.width] to [channels, file.height, file.width],
  /// bilinear within the content, so that padding never leaks in. Outside a crop the edge continues.
  void undo(std::span<const float> planes, std::int64_t channels, std::span<float> out) const;
  /// The class with the largest of them at each pixel of the file, the lowest where several are as large: the same as of `undo`, whose
  /// planes may be many times the file. 1 to 255 channels.
  LabelMap undo_argmax(std::span<const float> planes, std::int64_t channels) const;
  /// The way back for labels, by the nearest pixel; kIgnore outside a crop.
  LabelMap undo(const LabelMap& labels) const;
};

/// Throws GraphError when a size is below 1, above kMaxPixels, or does not fit (native).
Placement place(dsl::ResizeMode mode, Size file, Size network);

/// The largest reduction, of 1, 2, 4 and 8, that leaves at least two pixels, along either side, for one of the network: with fewer, to
/// resize what is reduced blurs it.
std::int64_t reduction_for(dsl::ResizeMode mode, Size file, Size network);

/// Mirrors `count` rows of `width` values left to right.
void flip_rows(std::span<float> values, std::int64_t width);
void flip_rows(std::span<std::uint8_t> values, std::int64_t width);

}  // namespace fcngraph::data
