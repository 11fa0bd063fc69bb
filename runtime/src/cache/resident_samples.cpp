// SPDX-License-Identifier: Apache-2.0
#include "cache/resident_samples.h"

#include <algorithm>

#include <fcngraph/engine/error.h>

namespace fcngraph::cache {
namespace {

/// Places are allocated so many bytes at a time, at least one.
constexpr std::size_t kSlabBytes = std::size_t{64} << 20U;
/// Copies between places begin at multiples of this.
constexpr std::size_t kAlign = 256;

}  // namespace

ResidentSamples::ResidentSamples(Device& device, std::vector<std::size_t> sizes, const Room& room)
    : device_(device), room_(room) {
  for (const std::size_t size : sizes) {
    offsets_.push_back(each_);
    each_ += (size + kAlign - 1) / kAlign * kAlign;
  }
}

bool ResidentSamples::find(const SampleId& sample) const {
  const std::lock_guard lock(mutex_);
  return places_.count(sample) > 0;
}

const std::byte* ResidentSamples::address(const SampleId& sample, std::size_t value) const {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(sample);
  return found == places_.end() ? nullptr : found->second + offsets_[value];
}

std::int64_t ResidentSamples::samples() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(places_.size());
}

std::byte* ResidentSamples::new_place() {
  const std::size_t in_slab =
      std::clamp<std::size_t>(kSlabBytes / std::max<std::size_t>(1, each_), 1,
                              static_cast<std::size_t>(std::max<std::int64_t>(1, room_.samples)));
  if (slabs_.empty() || used_ == in_slab) {
    const auto bytes = static_cast<std::int64_t>(in_slab * each_);
    const auto free = static_cast<std::int64_t>(std::min<std::size_t>(device_.free_memory(), INT64_MAX));
    if (bytes > room_.limit - bytes_ || bytes > free - room_.reserve) return nullptr;
    try {
      slabs_.push_back(device_.allocate(static_cast<std::size_t>(bytes)));
    } catch (const BackendError&) {
      return nullptr;  // what is free lies in pieces
    }
    bytes_ += bytes;
    used_ = 0;
  }
  return slabs_.back()->device_data() + used_++ * each_;
}

// Copies beside runs go one after the other: what is gathered later finds them done, and what was gathered before has been read.
void ResidentSamples::copy(std::byte* to, std::span<const std::vector<std::byte>> values) {
  for (std::size_t v = 0; v < values.size(); ++v) device_.upload_beside(to + offsets_[v], values[v], 0);
}

bool ResidentSamples::add(const SampleId& sample, std::span<const std::vector<std::byte>> values) {
  if (full_) return false;
  std::byte* const to = new_place();
  if (to == nullptr) {
    full_ = true;
    return false;
  }
  copy(to, values);
  const std::lock_guard lock(mutex_);
  places_.emplace(sample, to);
  return true;
}

bool ResidentSamples::pass(std::size_t n, std::size_t batch, std::span<const std::vector<std::byte>> values) {
  if (passing_ == nullptr || passing_->size() < batch * each_) {
    try {
      passing_ = device_.allocate(batch * each_);
    } catch (const BackendError&) {
      return false;
    }
  }
  copy(passing_->device_data() + n * each_, values);
  return true;
}

const std::byte* ResidentSamples::passing(std::size_t n, std::size_t value) const {
  return passing_->device_data() + n * each_ + offsets_[value];
}

}  // namespace fcngraph::cache
