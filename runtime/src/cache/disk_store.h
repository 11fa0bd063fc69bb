// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "cache/entry_file.h"

namespace fcngraph::cache {

/// Entries in a folder, one file each, which other processes may use at the same time. All members may be called from several
/// threads; none throws for what the disk does: `note` is told once of each kind of trouble.
class DiskStore {
 public:
  using Note = std::function<void(std::string)>;
  /// `limit` bytes at most; 0: half of what the disk has free, and what the folder holds already.
  DiskStore(std::filesystem::path folder, std::int64_t limit, Note note);

  /// An entry of that key, dtype and size of value, whose checksum was verified by this process; null where there is none. One that
  /// is damaged is removed.
  std::shared_ptr<const CacheEntry> load(const CacheKey& key, DType dtype, std::size_t value_size);
  /// Where the limit is reached, removes what was not used for longest, but nothing that this process has used.
  void save(const CacheKey& key, const CacheEntry& entry, const std::string& what);

 private:
  struct OldFile {
    std::filesystem::path path;
    std::int64_t bytes = 0;
    std::filesystem::file_time_type used;
  };
  void scan(std::int64_t limit);
  bool make_room(std::int64_t bytes);
  void say_once(const char* kind, std::string text);

  std::filesystem::path folder_;
  std::int64_t limit_ = 0;
  Note note_;
  std::mutex mutex_;
  bool writable_ = true;
  std::int64_t bytes_ = 0;
  std::vector<OldFile> old_;  ///< that were there, least recently used last
  std::unordered_set<std::string> used_;
  std::unordered_set<std::string> said_;
};

}  // namespace fcngraph::cache
