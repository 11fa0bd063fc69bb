// SPDX-License-Identifier: Apache-2.0
#include "cache/entry_file.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "atomic_file.h"
#include "hash.h"

namespace fcngraph::cache {
namespace {

constexpr char kMagic[] = "fcncache";
constexpr std::size_t kWhatAt = 56, kWhatBytes = 64, kChecksumAt = 120;

template <class T>
void put(std::array<std::byte, kEntryHeaderBytes>& header, std::size_t at, T value) {
  std::memcpy(header.data() + at, &value, sizeof value);
}

template <class T>
T get(std::span<const std::byte> header, std::size_t at) {
  T value;
  std::memcpy(&value, header.data() + at, sizeof value);
  return value;
}

}  // namespace

std::filesystem::path entry_path(const CacheKey& key) {
  const std::string hex = to_hex(key);
  return std::filesystem::path(hex.substr(0, 2)) / (hex.substr(2) + kEntrySuffix);
}

void write_entry(const std::filesystem::path& path, const CacheKey& key, const CacheEntry& entry,
                 const std::string& what) {
  std::array<std::byte, kEntryHeaderBytes> header{};
  std::memcpy(header.data(), kMagic, 8);
  put(header, 8, kEntryVersion);
  put(header, 12, static_cast<std::uint32_t>(kEntryHeaderBytes));
  put(header, 16, key.high);
  put(header, 24, key.low);
  put(header, 32, static_cast<std::uint32_t>(entry.dtype()));
  put(header, 36, static_cast<std::uint32_t>(entry.half() ? 1 : 0));
  put(header, 40, static_cast<std::uint64_t>(entry.bytes().size()));
  put(header, 48, content_hash(entry.bytes()));
  std::memcpy(header.data() + kWhatAt, what.data(), std::min(what.size(), kWhatBytes - 1));
  put(header, kChecksumAt, content_hash(std::span(header).first(kChecksumAt)));
  AtomicFile file(path.string());
  file.write(header);
  file.write(entry.bytes());
  file.commit(false);
}

OpenEntry open_entry(const std::filesystem::path& path) {
  OpenEntry entry;
  entry.file = std::make_unique<MappedFile>(path.string());
  const auto all = entry.file->bytes();
  const auto fail = [&](std::string why) {
    entry.why = std::move(why);
    return std::move(entry);
  };
  if (all.size() < kEntryHeaderBytes || std::memcmp(all.data(), kMagic, 8) != 0) return fail("is no entry of a cache");
  if (const auto version = get<std::uint32_t>(all, 8); version != kEntryVersion)
    return fail(fmt::format("has format version {}, this program knows {}", version, kEntryVersion));
  if (get<std::uint64_t>(all, kChecksumAt) != content_hash(all.first(kChecksumAt)))
    return fail("is damaged: its header has another checksum");
  auto& h = entry.header;
  h.key = {get<std::uint64_t>(all, 16), get<std::uint64_t>(all, 24)};
  h.dtype = static_cast<DType>(get<std::uint32_t>(all, 32));
  h.half = get<std::uint32_t>(all, 36) != 0;
  h.bytes = get<std::uint64_t>(all, 40);
  h.checksum = get<std::uint64_t>(all, 48);
  const auto* what = reinterpret_cast<const char*>(all.data() + kWhatAt);
  h.what.assign(what, strnlen(what, kWhatBytes));
  if (h.bytes != all.size() - kEntryHeaderBytes)
    return fail(fmt::format("is cut short: it has {} bytes, expected {}", all.size() - kEntryHeaderBytes, h.bytes));
  return entry;
}

bool OpenEntry::is_whole() const { return content_hash(bytes()) == header.checksum; }

}  // namespace fcngraph::cache
