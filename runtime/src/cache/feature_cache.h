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

/// Values of samples by content, in memory and, where a folder is given, on disk. What does not fit is not kept; nothing is dropped
/// for it but what a stage before has kept and this one has not asked for. All members may be called from several threads.
class FeatureCache {
 public:
  explicit FeatureCache(const CacheOptions& options);

  /// Null where there is none.
  std::shared_ptr<const CacheEntry> find(const CacheKey& key, DType dtype, std::size_t value_size);
  /// Encodes a value, keeps it where there is room, and returns it as it is kept. `what` is for people.
  std::shared_ptr<const CacheEntry> keep(const CacheKey& key, DType dtype, std::span<const std::byte> value,
                                         const std::string& what);

  /// Another stage begins, which may need other values.
  void begin_stage();

  bool half() const noexcept { return half_; }
  std::int64_t memory_bytes() const;
  /// What the user should know and was not told yet.
  std::vector<std::string> take_notes();

 private:
  struct Kept {
    std::shared_ptr<const CacheEntry> entry;
    std::int64_t stage = 0;  ///< that asked for it last
  };
  bool remember(const CacheKey& key, std::shared_ptr<const CacheEntry> entry);
  /// Whether so many bytes fit, once what is not asked for any more is gone if need be. Under the lock.
  bool make_room(std::int64_t bytes);

  bool half_ = false;
  std::int64_t memory_limit_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<CacheKey, Kept, CacheKeyHash> memory_;
  std::int64_t stage_ = 0;
  std::int64_t memory_bytes_ = 0;
  bool said_full_ = false;
  std::vector<std::string> notes_;
  std::optional<DiskStore> disk_;
};

}  // namespace fcngraph::cache
