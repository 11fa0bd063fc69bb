// SPDX-License-Identifier: Apache-2.0
#include "cache/cache_entry.h"

#include <cstring>

#include <fcngraph/engine/error.h>

#include "half.h"

namespace fcngraph::cache {

std::shared_ptr<const CacheEntry> CacheEntry::encode(DType dtype, std::span<const std::byte> value, bool half) {
  if (half && dtype == DType::f32) {
    std::shared_ptr<CacheEntry> entry(new CacheEntry(dtype, true));
    const std::size_t count = value.size() / sizeof(float);
    entry->memory_.reset(new std::byte[count * sizeof(std::uint16_t)]);
    entry->bytes_ = {entry->memory_.get(), count * sizeof(std::uint16_t)};
    if (floats_to_halves(reinterpret_cast<const float*>(value.data()),
                         reinterpret_cast<std::uint16_t*>(entry->memory_.get()), count))
      return entry;
  }
  return copy(dtype, false, value);
}

std::shared_ptr<const CacheEntry> CacheEntry::copy(DType dtype, bool half, std::span<const std::byte> bytes) {
  std::shared_ptr<CacheEntry> entry(new CacheEntry(dtype, half));
  entry->memory_.reset(new std::byte[bytes.size()]);  // not make_unique, which would write it twice
  std::memcpy(entry->memory_.get(), bytes.data(), bytes.size());
  entry->bytes_ = {entry->memory_.get(), bytes.size()};
  return entry;
}

std::shared_ptr<const CacheEntry> CacheEntry::mapped(DType dtype, bool half, std::unique_ptr<MappedFile> file,
                                                     std::size_t offset) {
  std::shared_ptr<CacheEntry> entry(new CacheEntry(dtype, half));
  entry->bytes_ = file->bytes().subspan(offset);
  entry->file_ = std::move(file);
  return entry;
}

void CacheEntry::decode(std::span<std::byte> to) const {
  FCNGRAPH_ASSERT(to.size() == value_size(), "an entry of the cache has another size than its value");
  if (half_) {
    halves_to_floats(reinterpret_cast<const std::uint16_t*>(bytes_.data()), reinterpret_cast<float*>(to.data()),
                     to.size() / sizeof(float));
  } else {
    std::memcpy(to.data(), bytes_.data(), to.size());
  }
}

}  // namespace fcngraph::cache
