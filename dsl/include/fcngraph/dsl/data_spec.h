// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/engine/diagnostics.h>

namespace fcngraph::dsl {

/// How samples of any size become the network's input size. Labels are not interpolated unless `bilinear_labels` says so.
enum class ResizeMode {
  stretch,    ///< both axes scaled independently
  letterbox,  ///< aspect kept; the rest is filled with zeros (after preprocessing) and the ignore label
  crop,       ///< aspect kept, shorter side fits, centre crop
  native      ///< no scaling; the size of the image is the size of the input
};

/// The order in which a data set's samples are numbered before they are split.
enum class SampleOrder { listed, tfds };

/// The colour of each label value in a colour-coded mask, or of each class in pictures.
struct Rgb {
  std::uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Rgb&) const = default;
};

/// What is on disk and what its labels mean: the `[data]` table, and nothing of the model.
struct DataSpec {
  std::string kind = "synthetic";  ///< synthetic, folder, camvid, pets
  SourceSpan kind_span;
  std::string root = ".";  ///< relative paths are resolved against the file that says so
  SourceSpan root_span;
  std::vector<std::string> classes;  ///< names in order of label value; empty where the kind has its own
  SourceSpan classes_span;
  std::vector<std::int64_t> ignore;  ///< label values in the files that are not classes
  /// Label value in the file -> class index, for files whose values are not 0..n-1 (pets: 1, 2, 3). Empty: the identity.
  std::vector<std::int64_t> label_values;
  std::string palette;      ///< "camvid", "voc", "pets" or empty: chosen by kind
  std::vector<Rgb> colors;  ///< an explicit palette, one colour a class; also the colour map of RGB masks
  ResizeMode resize = ResizeMode::letterbox;
  bool scaled_decode =
      false;  ///< more of `resize`: a JPEG is decoded at a fraction of its size, where nothing wanted is lost by it
  // More of `resize`: what a well-known tutorial does (graphs/keras/), each by itself, none by default.
  bool pad_to_batch =
      false;  ///< with black, at the bottom and right, to the largest of its batch, before it is resized
  std::string padding = "ignore";  ///< the class that padding is, of whichever kind
  SourceSpan padding_span;
  bool bilinear_labels = false;  ///< mixes label values at borders; what is then no whole number is cut off
  SourceSpan labels_span;
  bool half_precision = false;   ///< rounds resized images, labels and preprocessing to binary16
  bool shuffle_batches = false;  ///< train.shuffle changes the order of the batches, not what is in one
  SampleOrder order = SampleOrder::listed;
  std::uint64_t seed = 0;  ///< synthetic: of the pictures; others: of nothing

  /// `folder`: per split, a folder of images and one of masks, or a list file with "image mask" a line.
  struct Split {
    std::string images;
    std::string masks;
    std::string list;
    SourceSpan span;
  };
  Split train, val, test;
  /// `folder` and `pets`: the share of the training list kept for validation where no split says otherwise.
  double val_share = 0.15;

  /// `synthetic`
  std::int64_t images = 192;
  std::int64_t val_images = 48;
  std::int64_t test_images = 0;
  std::int64_t size = 224;       ///< height and width of each picture
  std::int64_t num_classes = 4;  ///< background counts as one
  std::int64_t rim = 2;          ///< ignored pixels around each shape
  std::int64_t jitter = 60;      ///< a class's colour varies by this much of 255

  SourceSpan span;  ///< of the table
};

}  // namespace fcngraph::dsl
