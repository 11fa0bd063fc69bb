// SPDX-License-Identifier: Apache-2.0
#include "packed_folder.h"

#include <fmt/format.h>

#include <charconv>
#include <exception>
#include <utility>

#include <fcngraph/version.h>

#include "hash.h"
#include "safetensors.h"

namespace fcngraph {
namespace {

// What makes packed weights of weights, in all backends: to be raised with every change of the numbers that it gives.
constexpr int kPackingVersion = 1;

constexpr const char* kTensor = "packed";
constexpr const char* kRecipe = "recipe";
constexpr const char* kIdentity = "weights";

std::string with_version(const std::string& recipe) {
  return fmt::format("{} packing {} {}", FCNGRAPH_VERSION, kPackingVersion, recipe);
}

}  // namespace

PackedFolder::PackedFolder(std::shared_ptr<const MappedFile> weights)
    : weights_(std::move(weights)), folder_(weights_->path() + ".packed") {
  try {
    const auto path = path_of("hashes", weights_->identity());
    if (!std::filesystem::exists(path)) return;
    const MappedFile file(path.string());
    const SafetensorsHeader header = read_safetensors(file.bytes(), path.string());
    const auto identity = header.metadata.find(kIdentity);
    if (identity == header.metadata.end() || identity->second != weights_->identity()) return;
    for (const auto& [name, text] : header.metadata) {
      std::uint64_t hash = 0;
      const auto [end, mistake] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
      if (name.starts_with('=') && mistake == std::errc() && end == text.data() + text.size())
        hashes_[name.substr(1)] = hash;
    }
  } catch (const std::exception&) {
    hashes_.clear();  // as if nothing had been kept
  }
}

std::filesystem::path PackedFolder::path_of(const std::string& prefix, const std::string& text) const {
  return folder_ / fmt::format("{}-{:016x}.safetensors", prefix, content_hash(std::as_bytes(std::span(text))));
}

std::string PackedFolder::place(std::span<const std::byte> part) const {
  return fmt::format("{}+{}", part.data() - weights_->bytes().data(), part.size());
}

std::optional<std::uint64_t> PackedFolder::known_hash(std::span<const std::byte> part) const {
  const auto found = hashes_.find(place(part));
  return found == hashes_.end() ? std::nullopt : std::optional(found->second);
}

void PackedFolder::learn_hash(std::span<const std::byte> part, std::uint64_t hash) {
  changed_ = true;
  hashes_[place(part)] = hash;
}

void PackedFolder::keep_hashes() noexcept {
  if (!changed_) return;
  changed_ = false;
  try {
    std::map<std::string, std::string> metadata{{kIdentity, weights_->identity()}};
    for (const auto& [name, hash] : hashes_) metadata["=" + name] = fmt::format("{:016x}", hash);
    std::filesystem::create_directories(folder_);
    write_safetensors(path_of("hashes", weights_->identity()).string(), {}, metadata, false);
  } catch (const std::exception&) {
    // Nothing is kept.
  }
}

std::unique_ptr<MappedBuffer> PackedFolder::find(const std::string& recipe, std::size_t bytes) const {
  try {
    const std::string text = with_version(recipe);
    const auto path = path_of(kTensor, text);
    if (!std::filesystem::exists(path)) return nullptr;
    auto file = std::make_shared<const MappedFile>(path.string());
    const SafetensorsHeader header = read_safetensors(file->bytes(), path.string());
    const auto kept = header.metadata.find(kRecipe);
    const auto entry = header.entries.find(kTensor);
    if (kept == header.metadata.end() || kept->second != text || entry == header.entries.end()) return nullptr;
    const auto data =
        file->bytes().subspan(header.data_offset + entry->second.begin, entry->second.end - entry->second.begin);
    if (data.size() != bytes) return nullptr;
    return std::make_unique<MappedBuffer>(std::move(file), data);
  } catch (const std::exception&) {
    return nullptr;
  }
}

void PackedFolder::keep(const std::string& recipe, std::span<const std::byte> bytes) noexcept {
  try {
    const std::string text = with_version(recipe);
    std::filesystem::create_directories(folder_);
    const TensorType type{DType::u8, {static_cast<std::int64_t>(bytes.size())}, {}};
    write_safetensors(path_of(kTensor, text).string(), {{kTensor, type, bytes}}, {{kRecipe, text}}, false);
  } catch (const std::exception&) {
    // Nothing is kept.
  }
}

}  // namespace fcngraph
