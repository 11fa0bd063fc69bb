// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "mapped_buffer.h"
#include "mapped_file.h"

namespace fcngraph {

/// Bytes of weights, or of packed ones, from which on it is faster to find them than to make them.
inline constexpr std::int64_t kWorthKeeping = std::int64_t{1} << 20;

/// Packed weights, kept beside the file of the weights that they were made of, in the folder FILE.packed: a safetensors file for
/// each, found by a text that says how it was made of which contents. Another file holds the hashes of the tensors in a state of FILE, so
/// that FILE need not be read to know its contents. The folder may be removed at any time. Where it cannot be read or written, nothing
/// is found or kept, and nothing else happens.
class PackedFolder {
 public:
  explicit PackedFolder(std::shared_ptr<const MappedFile> weights);

  /// The `content_hash` of a part of the weights' file, where it is known; then its numbers have been found finite as well.
  std::optional<std::uint64_t> known_hash(std::span<const std::byte> part) const;
  void learn_hash(std::span<const std::byte> part, std::uint64_t hash);
  /// Writes what was learnt, where that is anything new.
  void keep_hashes() noexcept;

  /// What was kept under a recipe; null when there is none of `bytes` bytes.
  std::unique_ptr<MappedBuffer> find(const std::string& recipe, std::size_t bytes) const;
  void keep(const std::string& recipe, std::span<const std::byte> bytes) noexcept;

 private:
  std::string place(std::span<const std::byte> part) const;
  std::filesystem::path path_of(const std::string& prefix, const std::string& text) const;

  std::shared_ptr<const MappedFile> weights_;
  std::filesystem::path folder_;
  std::map<std::string, std::uint64_t> hashes_;  ///< by place
  bool changed_ = false;
};

}  // namespace fcngraph
