// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cache/disk_store.h"

namespace fcngraph::cache {

struct CacheOptions {
  std::filesystem::path folder;   ///< empty: in memory alone
  std::int64_t memory_limit = 0;  ///< bytes; 0: a third of what the machine has available
  std::int64_t disk_limit = 0;    ///< bytes; 0: see DiskStore
  bool half = false;              ///< float32 is kept as float16
};

/// Values of samples by content, in memory and, where a folder is given, on disk. Nothing is dropped while it lives: what does not
/// fit is not kept. All members may be called from several threads.
class FeatureCache {
 public:
  explicit FeatureCache(const CacheOptions& options);

  /// Null where there is none.
  std::shared_ptr<const CacheEntry> find(const CacheKey& key, DType dtype, std::size_t value_size);
  /// Encodes a value, keeps it where there is room, and returns it as it is kept. `what` is for people.
  std::shared_ptr<const CacheEntry> keep(const CacheKey& key, DType dtype, std::span<const std::byte> value,
                                         const std::string& what);

  bool half() const noexcept { return half_; }
  std::int64_t memory_bytes() const;
  /// What the user should know and was not told yet.
  std::vector<std::string> take_notes();

 private:
  bool remember(const CacheKey& key, std::shared_ptr<const CacheEntry> entry);

  bool half_ = false;
  std::int64_t memory_limit_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<CacheKey, std::shared_ptr<const CacheEntry>, CacheKeyHash> memory_;
  std::int64_t memory_bytes_ = 0;
  bool said_full_ = false;
  std::vector<std::string> notes_;
  std::optional<DiskStore> disk_;
};

}  // namespace fcngraph::cache
