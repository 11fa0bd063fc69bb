// SPDX-License-Identifier: Apache-2.0
#include "cache/resident_samples.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include <fcngraph/reference/backend.h>

#include "queued_backend.h"

namespace fcngraph::cache {
namespace {

using Values = std::vector<std::vector<std::byte>>;

Values values_of(std::int64_t sample, std::size_t large) {
  return {std::vector<std::byte>(large, static_cast<std::byte>(sample)),
          std::vector<std::byte>(5, static_cast<std::byte>(sample + 100))};
}

struct Residents {
  static constexpr std::size_t kLarge = std::size_t{33} << 20U;  // a place fills a slab
  testing::QueuedBackend backend{reference_backend()};
  std::unique_ptr<Device> device = backend.open({});
  ResidentSamples samples;
  explicit Residents(const ResidentSamples::Room& room) : samples(*device, {kLarge, 5}, room) {}

  std::vector<std::byte> read(const std::byte* from, std::size_t bytes) {
    std::vector<std::byte> out(bytes);
    device->download(out, from);
    return out;
  }
};

TEST_CASE("samples stay on the device up to a limit, and the others pass through") {
  Residents r({.samples = 4, .limit = 3 * (34 << 20), .reserve = 0});
  std::vector<const std::byte*> pieces;
  for (std::int64_t sample = 0; sample < 4; ++sample) {
    const SampleId id{sample, sample == 1};
    const auto values = values_of(sample, Residents::kLarge);
    CHECK_FALSE(r.samples.find(id));
    CHECK(r.samples.add(id, values) == (sample < 3));
    CHECK(r.samples.find(id) == (sample < 3));
    if (sample == 3) REQUIRE(r.samples.pass(1, 2, values));
    pieces.push_back(sample < 3 ? r.samples.address(id, 1) : r.samples.passing(1, 1));
  }
  CHECK_FALSE(r.samples.find({1, false}));  // it was mirrored
  CHECK(r.samples.address({3, false}, 0) == nullptr);
  CHECK(r.samples.samples() == 3);
  CHECK(r.samples.is_full());
  CHECK(r.read(r.samples.address({2, false}, 0), Residents::kLarge) == values_of(2, Residents::kLarge)[0]);
  const auto batch = r.device->allocate(20);
  r.device->gather_beside(batch->device_data(), pieces, 5, 0);
  std::vector<std::byte> want;
  for (std::int64_t sample = 0; sample < 4; ++sample) want.insert(want.end(), 5, static_cast<std::byte>(sample + 100));
  CHECK(r.read(batch->device_data(), 20) == want);
}

TEST_CASE("what programs still need is left alone") {
  const auto free = static_cast<std::int64_t>(std::size_t{1} << 30U);
  Residents none({.samples = 4, .limit = std::numeric_limits<std::int64_t>::max(), .reserve = free - (20 << 20)});
  CHECK_FALSE(none.samples.add({0, false}, values_of(0, Residents::kLarge)));
  CHECK(none.samples.samples() == 0);
  CHECK(none.samples.bytes() == 0);
  Residents negative({.samples = 4, .limit = -1, .reserve = 0});
  CHECK_FALSE(negative.samples.add({0, false}, values_of(0, Residents::kLarge)));
}

}  // namespace
}  // namespace fcngraph::cache
