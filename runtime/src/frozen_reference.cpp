// SPDX-License-Identifier: Apache-2.0
#include "frozen_reference.h"

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "hash.h"
#include "mapped_file.h"
#include "safetensors.h"

namespace fcngraph {
namespace {

std::string header_hash(std::span<const std::byte> file, const std::string& path) {
  return fmt::format("{:016x}", content_hash(file.first(read_safetensors(file, path).data_offset)));
}

std::string entry(const std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? std::string() : found->second;
}

}  // namespace

void refer_to_frozen(std::map<std::string, std::string>& metadata, const std::filesystem::path& frozen,
                     const std::string& stored_as) {
  const MappedFile file(frozen.string());
  metadata["frozen_file"] = stored_as;
  metadata["frozen_bytes"] = std::to_string(file.bytes().size());
  metadata["frozen_hash"] = header_hash(file.bytes(), frozen.string());
}

std::optional<FrozenReference> frozen_reference(const std::map<std::string, std::string>& metadata) {
  FrozenReference reference{entry(metadata, "frozen_file"), entry(metadata, "frozen_bytes"),
                            entry(metadata, "frozen_hash")};
  if (reference.file.empty()) return std::nullopt;
  return reference;
}

void check_frozen(const FrozenReference& reference, std::span<const std::byte> file, const std::string& file_path,
                  const std::string& checkpoint_path) {
  if (reference.bytes != std::to_string(file.size())) {
    throw IoError(file_path, fmt::format("has {} bytes, checkpoint '{}' expects {} bytes of frozen tensors there",
                                         file.size(), checkpoint_path, reference.bytes));
  }
  if (reference.hash != header_hash(file, file_path)) {
    throw IoError(file_path, fmt::format("holds other tensors than checkpoint '{}' refers to", checkpoint_path));
  }
}

}  // namespace fcngraph
