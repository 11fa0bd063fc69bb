// SPDX-License-Identifier: Apache-2.0
#include "cache/feature_cache.h"

#include <utility>

#include <fmt/format.h>

#include "available_memory.h"

namespace fcngraph::cache {

FeatureCache::FeatureCache(const CacheOptions& options)
    : half_(options.half), memory_limit_(options.memory_limit > 0 ? options.memory_limit : available_memory() / 3) {
  if (options.folder.empty()) return;
  disk_.emplace(options.folder, options.disk_limit, [this](std::string note) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(note));
  });
}

std::shared_ptr<const CacheEntry> FeatureCache::find(const CacheKey& key, DType dtype, std::size_t value_size) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = memory_.find(key);
    if (found != memory_.end()) {
      found->second.stage = stage_;
      return found->second.entry;
    }
  }
  if (!disk_) return nullptr;
  auto entry = disk_->load(key, dtype, value_size);
  if (!entry) return nullptr;
  // Faults of a mapping cost more than a copy that is read again and again.
  {
    const std::lock_guard lock(mutex_);
    if (!make_room(static_cast<std::int64_t>(entry->bytes().size()))) return entry;
  }
  auto copy = CacheEntry::copy(entry->dtype(), entry->half(), entry->bytes());
  return remember(key, copy) ? copy : entry;
}

std::shared_ptr<const CacheEntry> FeatureCache::keep(const CacheKey& key, DType dtype, std::span<const std::byte> value,
                                                     const std::string& what) {
  auto entry = CacheEntry::encode(dtype, value, half_);
  if (disk_) disk_->save(key, *entry, what);
  if (!remember(key, entry) && !disk_) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(said_full_, true)) {
      notes_.push_back(
          fmt::format("the cache in memory has reached its limit of {} ([cache] limit): what does not fit "
                      "is computed again; --cache DIR keeps it on disk",
                      human_bytes(memory_limit_)));
    }
  }
  return entry;
}

bool FeatureCache::remember(const CacheKey& key, std::shared_ptr<const CacheEntry> entry) {
  const auto size = static_cast<std::int64_t>(entry->bytes().size());
  const std::lock_guard lock(mutex_);
  if (!make_room(size)) return false;
  if (memory_.emplace(key, Kept{std::move(entry), stage_}).second) memory_bytes_ += size;
  return true;
}

bool FeatureCache::make_room(std::int64_t bytes) {
  if (memory_bytes_ + bytes <= memory_limit_) return true;
  // A stage that reads what the one before has kept would have found it by the end of its first epoch; should it be early, it is
  // computed again.
  for (auto kept = memory_.begin(); kept != memory_.end();) {
    if (kept->second.stage == stage_) {
      ++kept;
      continue;
    }
    memory_bytes_ -= static_cast<std::int64_t>(kept->second.entry->bytes().size());
    kept = memory_.erase(kept);
  }
  return memory_bytes_ + bytes <= memory_limit_;
}

void FeatureCache::begin_stage() {
  const std::lock_guard lock(mutex_);
  ++stage_;
  said_full_ = false;
}

std::int64_t FeatureCache::memory_bytes() const {
  const std::lock_guard lock(mutex_);
  return memory_bytes_;
}

std::vector<std::string> FeatureCache::take_notes() {
  const std::lock_guard lock(mutex_);
  return std::exchange(notes_, {});
}

}  // namespace fcngraph::cache
