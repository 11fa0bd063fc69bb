// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include <fcngraph/engine/backend.h>

namespace fcngraph::cache {

/// Which sample of a split, and whether mirrored.
using SampleId = std::pair<std::int64_t, bool>;

/// Values of samples in a device's own memory, as long as there is room: what has a place keeps it. `find` may be called from any
/// thread, everything else from the one that the device belongs to.
class ResidentSamples {
 public:
  /// `sizes`: bytes of each value of a sample. Takes at most `limit` bytes, and none of the last `reserve` that the device has free.
  struct Room {
    std::int64_t samples = 0;  ///< that there are
    std::int64_t limit = 0, reserve = 0;
  };
  ResidentSamples(Device& device, std::vector<std::size_t> sizes, const Room& room);

  bool find(const SampleId& sample) const;
  /// Where a sample's value lies; null where the sample has no place.
  const std::byte* address(const SampleId& sample, std::size_t value) const;
  /// Gives a sample that has none a place, and copies its values there beside what runs. False where there is no room.
  bool add(const SampleId& sample, std::span<const std::vector<std::byte>> values);
  /// Copies the values of a sample that stays on the host to place `n` of as many as a batch has, through which such samples pass.
  /// False where there is no memory for that.
  bool pass(std::size_t n, std::size_t batch, std::span<const std::vector<std::byte>> values);
  const std::byte* passing(std::size_t n, std::size_t value) const;

  std::int64_t samples() const;
  std::int64_t bytes() const noexcept { return bytes_; }
  /// Whether a sample found no room so far.
  bool is_full() const noexcept { return full_; }

 private:
  void copy(std::byte* to, std::span<const std::vector<std::byte>> values);
  std::byte* new_place();

  Device& device_;
  std::vector<std::size_t> offsets_;  ///< of each value within a sample
  std::size_t each_ = 0;              ///< bytes of a sample
  Room room_;
  std::int64_t bytes_ = 0;
  std::vector<std::unique_ptr<Buffer>> slabs_;
  std::size_t used_ = 0;  ///< places of the last slab
  std::unique_ptr<Buffer> passing_;
  mutable std::mutex mutex_;
  std::map<SampleId, std::byte*> places_;
  bool full_ = false;
};

}  // namespace fcngraph::cache
