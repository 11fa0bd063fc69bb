// SPDX-License-Identifier: Apache-2.0
#include "cache/disk_store.h"

#include <algorithm>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

namespace fcngraph::cache {

namespace fs = std::filesystem;

DiskStore::DiskStore(fs::path folder, std::int64_t limit, Note note)
    : folder_(std::move(folder)), note_(std::move(note)) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) {
    writable_ = false;
    say_once("folder", fmt::format("warning: cache folder '{}' cannot be made: {}; going on in memory",
                                   folder_.string(), error.message()));
    return;
  }
  scan(limit);
}

void DiskStore::scan(std::int64_t limit) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder_, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error)) {
    std::error_code gone;  // another process may remove what is listed
    if (it->path().extension() != kEntrySuffix || !it->is_regular_file(gone)) continue;
    OldFile file{it->path(), static_cast<std::int64_t>(it->file_size(gone)), it->last_write_time(gone)};
    if (gone) continue;
    bytes_ += file.bytes;
    old_.push_back(std::move(file));
  }
  std::sort(old_.begin(), old_.end(), [](const OldFile& a, const OldFile& b) { return a.used > b.used; });
  const auto space = fs::space(folder_, error);
  limit_ = limit > 0 ? limit : error ? INT64_MAX : bytes_ + static_cast<std::int64_t>(space.available / 2);
}

void DiskStore::say_once(const char* kind, std::string text) {
  if (said_.insert(kind).second) note_(std::move(text));
}

std::shared_ptr<const CacheEntry> DiskStore::load(const CacheKey& key, DType dtype, std::size_t value_size) {
  const fs::path path = folder_ / entry_path(key);
  try {
    std::error_code error;
    if (!fs::exists(path, error)) return nullptr;
    OpenEntry entry = open_entry(path);
    const auto& h = entry.header;
    if (entry.good() && (h.key != key || h.dtype != dtype || h.bytes * (h.half ? 2 : 1) != value_size))
      entry.why = "holds something else than its name says";
    bool known = false;
    {
      const std::lock_guard lock(mutex_);
      known = !used_.insert(path.string()).second;
    }
    // Read once in full; what changes under a mapping afterwards is beyond a checksum.
    if (entry.good() && !known && !entry.is_whole()) entry.why = "is damaged: its bytes have another checksum";
    if (entry.good()) {
      if (!known) fs::last_write_time(path, fs::file_time_type::clock::now(), error);
      return CacheEntry::mapped(h.dtype, h.half, std::move(entry.file), kEntryHeaderBytes);
    }
    fs::remove(path, error);
    const std::lock_guard lock(mutex_);
    used_.erase(path.string());
    say_once("damaged",
             fmt::format("warning: entry '{}' of the cache {}: it is computed again, and so are others like it",
                         path.string(), entry.why));
  } catch (const Error& error) {
    const std::lock_guard lock(mutex_);
    say_once("read", fmt::format("warning: the cache cannot be read: {}; computing again", error.what()));
  }
  return nullptr;
}

// Called with the lock held.
bool DiskStore::make_room(std::int64_t bytes) {
  while (bytes_ + bytes > limit_ && !old_.empty()) {
    const OldFile file = std::move(old_.back());
    old_.pop_back();
    if (used_.count(file.path.string()) > 0) continue;
    std::error_code error;
    // Another process may have used it since, which its time then says.
    const auto used = fs::last_write_time(file.path, error);
    if (!error && used > file.used) continue;
    fs::remove(file.path, error);
    bytes_ -= file.bytes;
  }
  return bytes_ + bytes <= limit_;
}

void DiskStore::save(const CacheKey& key, const CacheEntry& entry, const std::string& what) {
  const fs::path path = folder_ / entry_path(key);
  const auto bytes = static_cast<std::int64_t>(entry.bytes().size() + kEntryHeaderBytes);
  {
    const std::lock_guard lock(mutex_);
    if (!writable_ || used_.count(path.string()) > 0) return;
    if (!make_room(bytes)) {
      say_once("full", fmt::format("the cache in '{}' has reached its limit of {}: what does not fit is computed again",
                                   folder_.string(), human_bytes(limit_)));
      return;
    }
    bytes_ += bytes;
    used_.insert(path.string());
  }
  try {
    std::error_code error;
    fs::create_directory(path.parent_path(), error);
    write_entry(path, key, entry, what);
  } catch (const Error& error) {
    const std::lock_guard lock(mutex_);
    bytes_ -= bytes;
    writable_ = false;
    say_once("write",
             fmt::format("warning: the cache cannot be written: {}; what it lacks is kept in memory", error.what()));
  }
}

}  // namespace fcngraph::cache
