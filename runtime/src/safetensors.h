// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <fcngraph/engine/types.h>

namespace fcngraph {

/// What stands in a safetensors file: 8 bytes with the length of the header (little-endian), the header as JSON, then the data.
struct SafetensorsHeader {
  struct Entry {
    TensorType type;
    std::uint64_t begin = 0, end = 0;  ///< from the start of the data
  };
  std::map<std::string, Entry> entries;
  std::map<std::string, std::string> metadata;
  std::size_t data_offset = 0;  ///< of the data in the file
};

/// The version of what we write into such files, in their metadata as `format_version`.
inline constexpr int kWeightsFormatVersion = 1;

/// Reads the header of a whole file in memory and holds it to its word: lengths, dtypes, shapes, offsets that cover the data without
/// gap or overlap. Throws IoError(path) that says what is wrong.
SafetensorsHeader read_safetensors(std::span<const std::byte> file, const std::string& path);

struct SafetensorsTensor {
  std::string name;
  TensorType type;
  std::span<const std::byte> bytes;
};

/// Writes tensors in the order given, atomically, and, where `durable`, so that it survives a power cut. Throws IoError; an existing
/// file then stays as it was.
void write_safetensors(const std::string& path, const std::vector<SafetensorsTensor>& tensors,
                       const std::map<std::string, std::string>& metadata, bool durable = true);

}  // namespace fcngraph
