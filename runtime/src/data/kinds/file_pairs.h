// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <fcngraph/dataset.h>
#include <fcngraph/dsl/data_spec.h>

namespace fcngraph::data {

/// An image file and its mask.
struct FilePair {
  std::string name;
  std::string image;
  std::string mask;
};
using FilePairs = std::vector<FilePair>;

/// The data set that is nothing but files: folder, camvid and pets differ only in how they find them.
/// `colors` is the colour map of RGB masks, or empty.
std::unique_ptr<Dataset> make_file_dataset(DatasetInfo info, Palette colors, std::array<FilePairs, 3> splits);

/// Moves `share` of `train`, chosen by a seeded permutation and kept in order, to the result.
FilePairs split_off(FilePairs& train, double share, std::uint64_t seed);

/// `path` below `root`, or `path` itself when it is absolute.
std::string below(const std::string& root, const std::string& path);

/// Throws IoError unless `path` is a folder.
void require_folder(const std::string& path);

/// The info that a description gives, with what the kind has of its own where the description is silent.
DatasetInfo info_of(const dsl::DataSpec& spec, DatasetInfo defaults);
Palette colors_of(const dsl::DataSpec& spec);

}  // namespace fcngraph::data
