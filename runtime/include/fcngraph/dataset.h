// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/export.h>
#include <fcngraph/image.h>

namespace fcngraph::dsl {
struct DataSpec;
}

namespace fcngraph {

enum class Split { train, val, test };
inline constexpr std::array<Split, 3> kSplits = {Split::train, Split::val, Split::test};
FCNGRAPH_API std::string_view name_of(Split split) noexcept;

/// What the labels of a data set mean.
struct DatasetInfo {
  std::string name;
  std::vector<std::string> classes;
  Palette palette;                         ///< one colour a class; empty: default_palette
  std::vector<std::int64_t> ignore;        ///< values in the files that are not classes
  std::vector<std::int64_t> label_values;  ///< value in the files of each class; empty: 0, 1, 2, ...
};

/// An image with its mask as they are on disk: labels are the file's values.
struct FileSample {
  Image image;
  LabelMap labels;
  std::string image_path;  ///< or a name, where there is no file
  std::string labels_path;
};

/// An image with the class of each pixel, or kIgnore.
struct Sample {
  Image image;
  LabelMap labels;
};

/// Tells samples apart by what they hold: equal keys, equal image and labels, whatever files they came from.
struct SampleKey {
  std::uint64_t image = 0, labels = 0;
  bool operator==(const SampleKey&) const = default;
};

/// Pictures with a class for each pixel, in three splits. Immutable; all members may be called from several threads.
class FCNGRAPH_API Dataset {
 public:
  virtual ~Dataset();
  Dataset(const Dataset&) = delete;
  Dataset& operator=(const Dataset&) = delete;

  const std::string& name() const noexcept { return info_.name; }
  const std::vector<std::string>& classes() const noexcept { return info_.classes; }
  const Palette& palette() const noexcept { return info_.palette; }

  virtual std::int64_t size(Split split) const = 0;
  /// A name that tells the sample from the others of its split, without folders or suffix.
  virtual std::string sample_name(Split split, std::int64_t index) const = 0;
  /// Reads a sample and leaves its labels as they are. Throws IoError.
  virtual FileSample read(Split split, std::int64_t index) const = 0;
  /// The same with an image that may be reduced as `load_image` does it; here it is not. Throws IoError.
  virtual FileSample read_reduced(Split split, std::int64_t index, const ReductionRule& rule) const;
  /// Of the sample's image; does not decode where that can be avoided. Throws IoError.
  virtual ImageSize image_size(Split split, std::int64_t index) const;

  /// Reads a sample and turns its labels into classes. Throws IoError that names the files when the sizes differ, and
  /// file, pixel and value when a value is neither a class nor ignored.
  Sample load(Split split, std::int64_t index) const;
  /// The same with an image that may be reduced, and labels that are not.
  Sample load_reduced(Split split, std::int64_t index, const ReductionRule& rule) const;

  /// What the sample holds, labels as classes; does not decode where that can be avoided. Throws IoError.
  SampleKey key(Split split, std::int64_t index) const;

  /// The class that a value in the files stands for, kIgnore, or -1 for a value that must not occur.
  int class_of(std::uint8_t value) const noexcept { return coding_[value]; }

 protected:
  /// Throws GraphError when the description contradicts itself (no classes, a value both class and ignored, ...).
  explicit Dataset(DatasetInfo info);
  /// For size-checked access in `read`: throws GraphError when index is outside the split.
  void check_index(Split split, std::int64_t index) const;
  /// What `read` gives, as 64 bits each for image and labels. Here: of the pixels that it gives.
  virtual SampleKey content(Split split, std::int64_t index) const;

 private:
  Sample coded(FileSample sample) const;

  DatasetInfo info_;
  std::array<std::int16_t, 256> coding_{};
};

/// Opens what the description says. Throws GraphError for a mistake in it, IoError for a folder or list that is not
/// there.
FCNGRAPH_API std::unique_ptr<Dataset> open_dataset(const dsl::DataSpec& spec);

/// Discs, boxes, triangles and bars on a background. The class shows in the texture and only partly in the colour.
struct SyntheticOptions {
  std::int64_t images = 192;
  std::int64_t val_images = 48;
  std::int64_t test_images = 0;
  std::int64_t height = 224;
  std::int64_t width = 224;
  std::int64_t num_classes = 4;  ///< 2 to 200; class 0 is the background
  std::int64_t rim = 2;          ///< 0 to 2 ignored pixels around each shape
  std::int64_t jitter = 60;      ///< 0 to 255: how far a shape's colour strays from its class's
  std::uint64_t seed = 0;
  std::vector<std::string> classes;  ///< names, or empty
};

/// Each picture is a pure function of (seed, split, index). Throws GraphError when an option is out of range.
FCNGRAPH_API std::unique_ptr<Dataset> make_synthetic(const SyntheticOptions& options);

/// What a look at every sample found.
struct SplitReport {
  Split split = Split::train;
  std::int64_t samples = 0;
  std::int64_t readable = 0;
  std::array<std::int64_t, 256> values{};  ///< how many pixels have each value, as in the files
  std::vector<std::int64_t> class_pixels;  ///< pixels of each class
  std::int64_t ignored_pixels = 0;
  std::int64_t damaged = 0;  ///< images with tolerated decoder warnings
  std::int64_t min_height = 0, max_height = 0, min_width = 0, max_width = 0;
};
struct DatasetProblem {
  Split split = Split::train;
  std::int64_t index = 0;
  std::string file;
  std::int64_t x = -1, y = -1;  ///< the first such pixel, or -1
  int value = -1;               ///< the value there, or -1
  std::string message;          ///< a sentence with all of it
};
struct DatasetReport {
  std::vector<SplitReport> splits;       ///< train, val, test
  std::vector<DatasetProblem> problems;  ///< every sample's first problem of each value
  bool ok() const noexcept { return problems.empty(); }
};
/// Reads every sample of every split; a problem is an entry, never an exception.
FCNGRAPH_API DatasetReport check_dataset(const Dataset& dataset);

/// How many pictures `synthesize_dataset` writes, and how large.
struct SynthesizeOptions {
  std::int64_t train = 24;
  std::int64_t val = 8;  ///< camvid: val; pets: test
  std::int64_t height = 120;
  std::int64_t width = 160;
  double vary = 0;  ///< 0 to below 1: each side of a picture is shorter by a share of up to this, at random
  std::uint64_t seed = 0;
};
/// Writes a data set of the layout of "pets" or "camvid" with synthetic pictures below `folder`, which it creates.
/// Throws GraphError for another kind and IoError when a file cannot be written.
FCNGRAPH_API void synthesize_dataset(const std::string& kind, const std::string& folder,
                                     const SynthesizeOptions& options = {});

/// How well colour alone does: the majority class of each of 8 x 8 x 8 colour bins over the training pixels.
struct ColorBaseline {
  std::vector<std::int64_t> confusion;  ///< [classes, classes], truth by prediction, of the evaluated split
  std::vector<double> iou;              ///< of each class; NaN where absent from truth and prediction
  double mean_iou = 0;                  ///< over the classes that are there
  double pixel_accuracy = 0;
};
/// Learns from the training split and is measured on `evaluate` (on training data where that split is empty); reads
/// at most `max_images` of each, in index order; 0 means all. Pixels are taken as they are in the files.
FCNGRAPH_API ColorBaseline color_baseline(const Dataset& dataset, Split evaluate = Split::val,
                                          std::int64_t max_images = 0);

}  // namespace fcngraph
