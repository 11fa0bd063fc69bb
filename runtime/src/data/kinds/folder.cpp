// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "data/formats/file_bytes.h"
#include "data/kinds/file_pairs.h"
#include "data/kinds/kinds.h"

namespace fcngraph::data {
namespace {

using Files = std::map<std::string, std::string>;  // stem -> path: sorted, so that the order is the same everywhere

bool is_picture(const std::filesystem::path& path) {
  std::string suffix = path.extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return suffix == ".jpg" || suffix == ".jpeg" || suffix == ".png" || suffix == ".bmp" || suffix == ".gif";
}

Files pictures_in(const std::string& folder) {
  require_folder(folder);
  Files files;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error) throw IoError(folder, "cannot read: " + error.message());
  for (const auto& entry : entries) {
    if (!is_picture(entry.path())) continue;
    const auto [place, fresh] = files.emplace(entry.path().stem().string(), entry.path().string());
    if (!fresh) {
      throw IoError(entry.path().string(),
                    fmt::format("file has the same name as '{}', expected one file for each name", place->second));
    }
  }
  return files;
}

FilePairs pairs_of_folders(const std::string& images, const std::string& masks) {
  const auto image_files = pictures_in(images);
  const auto mask_files = pictures_in(masks);
  FilePairs pairs;
  for (const auto& [stem, path] : image_files) {
    const auto mask = mask_files.find(stem);
    if (mask == mask_files.end()) throw IoError(path, fmt::format("image has no mask named '{}' in '{}'", stem, masks));
    pairs.push_back({stem, path, mask->second});
  }
  if (pairs.empty()) throw IoError(images, "folder holds no images (.jpg, .jpeg, .png, .bmp)");
  return pairs;
}

// "image mask" a line, separated by blanks, or by a tab where the names hold blanks.
FilePairs pairs_of_list(const std::string& root, const std::string& list) {
  FilePairs pairs;
  for (const auto& line : read_lines(list)) {
    auto gap = line.find('\t');
    if (gap == std::string::npos) gap = line.find(' ');
    const auto next = gap == std::string::npos ? gap : line.find_first_not_of(" \t", gap);
    if (next == std::string::npos || (line[gap] == ' ' && line.find(' ', next) != std::string::npos)) {
      throw IoError(list, fmt::format("line '{}' is not understood, expected an image and a mask", line));
    }
    const auto image = line.substr(0, gap);
    pairs.push_back({std::filesystem::path(image).stem().string(), below(root, image), below(root, line.substr(next))});
  }
  if (pairs.empty()) throw IoError(list, "list names no images");
  return pairs;
}

bool is_named(const dsl::DataSpec::Split& split) {
  return !split.images.empty() || !split.masks.empty() || !split.list.empty();
}

FilePairs pairs_of(const dsl::DataSpec& spec, const dsl::DataSpec::Split& split, std::string_view name,
                   Diagnostics& diagnostics) {
  if (!is_named(split)) return {};
  const bool folders = !split.images.empty() && !split.masks.empty();
  const bool any_folder = !split.images.empty() || !split.masks.empty();
  if (split.list.empty() != folders || (!split.list.empty() && any_folder)) {
    diagnostics.error(
        "E0402", split.span,
        fmt::format("split '{}' is described in part, expected either 'images' and 'masks' or 'list'", name));
    return {};
  }
  if (folders) return pairs_of_folders(below(spec.root, split.images), below(spec.root, split.masks));
  return pairs_of_list(spec.root, below(spec.root, split.list));
}

}  // namespace

std::unique_ptr<Dataset> open_folder(const dsl::DataSpec& spec, Diagnostics& diagnostics) {
  if (spec.classes.empty()) {
    diagnostics.error("E0402", spec.span,
                      "data of kind 'folder' names no classes, expected 'classes', a list of names");
  }
  if (!is_named(spec.train) && !is_named(spec.val) && !is_named(spec.test)) {
    diagnostics.error("E0402", spec.span, "data of kind 'folder' has no split, expected 'train', 'val' or 'test'");
  }
  if (!(spec.val_share >= 0 && spec.val_share < 1)) {
    diagnostics.error("E0404", spec.span, "val_share is out of range, expected 0 to below 1");
  }
  auto train = pairs_of(spec, spec.train, "train", diagnostics);
  auto val = pairs_of(spec, spec.val, "val", diagnostics);
  auto test = pairs_of(spec, spec.test, "test", diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  if (!is_named(spec.val)) val = split_off(train, spec.val_share, spec.seed);
  auto info = info_of(spec, {.name = "folder", .classes = {}, .palette = {}, .ignore = {}, .label_values = {}});
  return make_file_dataset(std::move(info), colors_of(spec), {std::move(train), std::move(val), std::move(test)});
}

}  // namespace fcngraph::data
