// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <variant>

#include "cache/cache_entry.h"
#include "cache/cache_key.h"

namespace fcngraph::cache {

/// An entry as a file: a header of 128 bytes, little-endian, then the encoded bytes.
///   0 magic "fcncache"   8 version (u32)    12 bytes of the header (u32)   16 key (2 u64)   32 dtype (u32)   36 narrowed (u32)
///   40 bytes (u64)       48 their content hash (u64)   56 what it is, UTF-8 padded with zeros   120 content hash of 0 to 119
inline constexpr std::uint32_t kEntryVersion = 1;
inline constexpr std::size_t kEntryHeaderBytes = 128;
inline constexpr const char* kEntrySuffix = ".entry";

struct EntryHeader {
  CacheKey key;
  DType dtype = DType::f32;
  bool half = false;
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;
  std::string what;  ///< "block3_pool", for people
};

/// ab/cdef...entry
std::filesystem::path entry_path(const CacheKey& key);

/// Writes an entry so that it appears as a whole or not at all; not synced, since it can be made again. Throws IoError.
void write_entry(const std::filesystem::path& path, const CacheKey& key, const CacheEntry& entry,
                 const std::string& what);

/// A file that is open, with a header that fits its length. `why` says what is wrong with one that is no good.
struct OpenEntry {
  EntryHeader header;
  std::unique_ptr<MappedFile> file;
  std::string why;
  bool good() const { return why.empty(); }
  std::span<const std::byte> bytes() const { return file->bytes().subspan(kEntryHeaderBytes); }
  /// Whether the bytes are those that were written.
  bool is_whole() const;
};
/// Never throws for what a file holds; IoError where it cannot be read.
OpenEntry open_entry(const std::filesystem::path& path);

}  // namespace fcngraph::cache
