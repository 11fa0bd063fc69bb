// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/cache.h>

#include <algorithm>
#include <map>
#include <utility>

#include <fcngraph/engine/error.h>

#include "cache/entry_file.h"

namespace fcngraph {
namespace {

namespace fs = std::filesystem;

// Entries, and what a writer that was killed left behind: "cdef.entry.tmp123".
std::vector<fs::path> files_of(const fs::path& folder, bool leftovers) {
  if (!fs::is_directory(folder)) throw IoError(folder.string(), "is not a folder, expected that of a cache");
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const auto& path = it->path();
    const bool entry = path.extension() == cache::kEntrySuffix;
    const bool leftover =
        path.stem().extension() == cache::kEntrySuffix && path.extension().string().starts_with(".tmp");
    if (entry || (leftovers && leftover)) out.push_back(path);
  }
  if (error) throw IoError(folder.string(), "cannot be read: " + error.message());
  std::sort(out.begin(), out.end());
  return out;
}

std::int64_t size_of_file(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

std::vector<CacheGroup> list_cache(const fs::path& folder) {
  std::map<std::pair<std::string, std::string>, CacheGroup> groups;
  for (const auto& path : files_of(folder, false)) {
    std::string what = "damaged", storage;
    try {
      const auto entry = cache::open_entry(path);
      if (entry.good()) {
        what = entry.header.what;
        storage = entry.header.half ? "f16" : std::string(name_of(entry.header.dtype));
      }
    } catch (const IoError&) {
      if (!fs::exists(path)) continue;  // another process removed it
    }
    auto& group = groups[{what, storage}];
    group.what = what;
    group.storage = storage;
    ++group.entries;
    group.bytes += size_of_file(path);
    std::error_code error;
    group.last_used = std::max(group.last_used, fs::last_write_time(path, error));
  }
  std::vector<CacheGroup> out;
  for (auto& [key, group] : groups) out.push_back(std::move(group));
  return out;
}

CacheVerification verify_cache(const fs::path& folder) {
  CacheVerification out;
  for (const auto& path : files_of(folder, false)) {
    try {
      const auto entry = cache::open_entry(path);
      ++out.entries;
      out.bytes += size_of_file(path);
      std::string why = entry.why;
      if (why.empty() && folder / cache::entry_path(entry.header.key) != path)
        why = "is another entry than its name says";
      if (why.empty() && !entry.is_whole()) why = "is damaged: its bytes have another checksum";
      if (!why.empty()) out.problems.push_back({path, why});
    } catch (const IoError& error) {
      if (fs::exists(path)) out.problems.push_back({path, error.what()});
    }
  }
  return out;
}

CacheClearing clear_cache(const fs::path& folder) {
  CacheClearing out;
  for (const auto& path : files_of(folder, true)) {
    const auto bytes = size_of_file(path);
    std::error_code error;
    const bool removed = fs::remove(path, error);
    if (error) throw IoError(path.string(), "cannot be removed: " + error.message());
    if (removed && path.extension() == cache::kEntrySuffix) {
      ++out.entries;
      out.bytes += bytes;
    }
    fs::remove(path.parent_path(), error);  // fails where something is left in it
  }
  return out;
}

}  // namespace fcngraph
