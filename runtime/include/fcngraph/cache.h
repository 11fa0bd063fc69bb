// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <fcngraph/engine/export.h>

namespace fcngraph {

/// Entries of a feature cache on disk that are of one kind.
struct CacheGroup {
  std::string what;     ///< the value's name, or "labels"
  std::string storage;  ///< "f32", "f16", "u8"
  std::int64_t entries = 0;
  std::int64_t bytes = 0;                     ///< on disk
  std::filesystem::file_time_type last_used;  ///< of the one used last
};

/// What a folder of `--cache DIR` holds, by name. Files that are no entries are left out, those that cannot be read are called
/// "damaged". Throws IoError when it is not a folder.
FCNGRAPH_API std::vector<CacheGroup> list_cache(const std::filesystem::path& folder);

struct CacheProblem {
  std::filesystem::path path;
  std::string message;  ///< "is damaged: its bytes have another checksum"
};
struct CacheVerification {
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
  std::vector<CacheProblem> problems;
};
/// Reads every entry in full. A run computes again what is damaged, so that nothing has to be done about it. Throws as `list_cache`.
FCNGRAPH_API CacheVerification verify_cache(const std::filesystem::path& folder);

struct CacheClearing {
  std::int64_t entries = 0;
  std::int64_t bytes = 0;
};
/// Removes entries, what writing them left behind, and folders that are empty then; other files stay. Throws as `list_cache`, and
/// when an entry cannot be removed.
FCNGRAPH_API CacheClearing clear_cache(const std::filesystem::path& folder);

}  // namespace fcngraph
