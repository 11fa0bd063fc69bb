// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace fcngraph {

/// What a cache keeps of one sample's image: whoever made the cache knows what it is.
struct KeptSample;

namespace data {

/// What a loader need not make of a file again. All members may be called from several threads.
class SampleCache {
 public:
  virtual ~SampleCache() = default;
  /// What stands in for the image of a sample; null where it has to be decoded. Stays valid as long as somebody holds it.
  virtual std::shared_ptr<const KeptSample> find(std::int64_t index, bool flipped) = 0;
  /// Copies the labels of a sample at input size; false where they have to be decoded.
  virtual bool read_labels(std::int64_t index, bool flipped, std::span<std::uint8_t> labels) = 0;
  virtual void keep_labels(std::int64_t index, bool flipped, std::span<const std::uint8_t> labels) = 0;
};

}  // namespace data
}  // namespace fcngraph
