// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace fcngraph {

/// How a checkpoint refers to the file that holds its frozen tensors: three entries of its metadata.
///   frozen_file   path, relative to the checkpoint's folder or absolute
///   frozen_bytes  size of that file
///   frozen_hash   content_hash of that file's header (names, types, offsets), 16 hexadecimal digits
struct FrozenReference {
  std::string file;
  std::string bytes;
  std::string hash;
};

/// Adds the entries for a safetensors file that lies at `frozen` and is called `stored_as` by the checkpoint. Throws IoError.
void refer_to_frozen(std::map<std::string, std::string>& metadata, const std::filesystem::path& frozen,
                     const std::string& stored_as);

/// The reference in a checkpoint's metadata, if there is one.
std::optional<FrozenReference> frozen_reference(const std::map<std::string, std::string>& metadata);

/// Throws IoError that names checkpoint and file when the file is not the one referred to.
void check_frozen(const FrozenReference& reference, std::span<const std::byte> file, const std::string& file_path,
                  const std::string& checkpoint_path);

}  // namespace fcngraph
