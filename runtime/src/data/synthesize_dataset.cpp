// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <fcngraph/dataset.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/random.h>

#include "atomic_file.h"
#include "data/formats/codecs.h"

namespace fcngraph {
namespace {

constexpr int kQuality = 95;

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw IoError(path.string(), "cannot create: " + error.message());
}

void save_jpeg(const std::filesystem::path& path, const Image& image) {
  const auto bytes = data::encode_jpeg(image, kQuality);
  write_file(path.string(), std::as_bytes(std::span(bytes)));
}

/// The top left of pictures, each of a size of its own.
class Varied {
 public:
  Varied(std::unique_ptr<Dataset> pictures, double vary, std::uint64_t seed)
      : pictures_(std::move(pictures)), vary_(vary), key_(random_key(seed, "vary")) {}

  std::int64_t size(Split split) const { return pictures_->size(split); }
  Sample load(Split split, std::int64_t index) const {
    const Sample whole = pictures_->load(split, index);
    const auto key = random_key(random_key(key_, name_of(split)), static_cast<std::uint64_t>(index));
    const auto cut = [&](std::int64_t extent, std::uint64_t which) {
      const double rest = static_cast<double>(extent) * (1 - vary_ * random_uniform(key, which));
      return std::max<std::int64_t>(1, std::llround(rest));
    };
    const std::int64_t height = cut(whole.image.height, 0), width = cut(whole.image.width, 1);
    Sample part{make_image(height, width), make_labels(height, width)};
    for (std::int64_t y = 0; y < height; ++y) {
      std::copy_n(whole.image.at(y, 0), 3 * width, part.image.at(y, 0));
      std::copy_n(whole.labels.labels.begin() + y * whole.labels.width, width, part.labels.labels.begin() + y * width);
    }
    return part;
  }

 private:
  std::unique_ptr<Dataset> pictures_;
  double vary_;
  std::uint64_t key_;
};

// CamVid marks what is void with 11, after the classes.
void write_camvid(const Varied& pictures, const std::filesystem::path& root) {
  for (const Split split : {Split::train, Split::val}) {
    const std::string folder(name_of(split));
    make_folder(root / folder);
    make_folder(root / (folder + "annot"));
    std::string list;
    for (std::int64_t i = 0; i < pictures.size(split); ++i) {
      Sample sample = pictures.load(split, i);
      for (auto& label : sample.labels.labels) label = label == kIgnore ? 11 : label;
      const auto name = fmt::format("synth_{:05}", i);
      save_jpeg(root / folder / (name + ".jpg"), sample.image);
      auto palette = camvid_palette();
      palette.push_back({0, 0, 0});
      save_labels((root / (folder + "annot") / (name + ".png")).string(), sample.labels, palette);
      list += name + "\n";
    }
    write_file((root / (folder + ".txt")).string(), list);
  }
}

// A trimap: 1 pet, 2 background, 3 the border between. Every shape is a pet, whatever its texture; the rim is its
// border.
void write_pets(const Varied& pictures, const std::filesystem::path& root) {
  make_folder(root / "images");
  make_folder(root / "annotations" / "trimaps");
  const auto write = [&](Split split, const char* breed, const char* list_name) {
    std::string list;
    for (std::int64_t i = 0; i < pictures.size(split); ++i) {
      Sample sample = pictures.load(split, i);
      for (auto& label : sample.labels.labels) label = label == kIgnore ? 3 : label == 0 ? 2 : 1;
      const auto name = fmt::format("{}_{}", breed, i + 1);
      save_jpeg(root / "images" / (name + ".jpg"), sample.image);
      const Palette trimap = {{0, 0, 0}, {230, 85, 13}, {60, 90, 140}, {255, 240, 90}};
      save_labels((root / "annotations" / "trimaps" / (name + ".png")).string(), sample.labels, trimap);
      list += name + " 1 1 1\n";
    }
    write_file((root / "annotations" / list_name).string(), list);
  };
  write(Split::train, "Synthetic", "trainval.txt");
  write(Split::val, "Synthetic_test", "test.txt");
}

}  // namespace

void synthesize_dataset(const std::string& kind, const std::string& folder, const SynthesizeOptions& options) {
  if (kind != "pets" && kind != "camvid") {
    throw GraphError(fmt::format("data sets of layout '{}' cannot be written, expected pets or camvid", kind));
  }
  if (!(options.vary >= 0 && options.vary < 1))
    throw GraphError(fmt::format("'vary' is out of range, expected 0 to below 1, got {}", options.vary));
  const bool pets = kind == "pets";
  auto pictures = make_synthetic({.images = options.train,
                                  .val_images = options.val,
                                  .height = options.height,
                                  .width = options.width,
                                  .num_classes = pets ? 3 : 11,
                                  .seed = options.seed,
                                  .classes = {}});
  make_folder(folder);
  (pets ? write_pets : write_camvid)(Varied(std::move(pictures), options.vary, options.seed), folder);
}

}  // namespace fcngraph
