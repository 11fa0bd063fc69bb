// SPDX-License-Identifier: Apache-2.0
// Launch geometry and index arithmetic of the kernels, on the host.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "sums.h"
#include "taps.h"

namespace fcngraph::cudnn {
namespace {

TEST_CASE("every turn of a loop is taken once") {
  for (const std::int64_t count :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{255}, std::int64_t{256}, std::int64_t{257}, std::int64_t{70000},
        Geometry::kMostBlocks * Geometry::kThreads + 3}) {
    CAPTURE(count);
    std::vector<unsigned char> taken(static_cast<std::size_t>(count));
    launch({}, count, [&](std::int64_t i) { ++taken[static_cast<std::size_t>(i)]; });
    CHECK(std::count(taken.begin(), taken.end(), 1) == count);
  }
  CHECK(geometry_of(0).blocks == 0);
  CHECK(geometry_of(1).blocks == 1);
  CHECK(geometry_of(257).blocks == 2);
  CHECK(geometry_of(std::int64_t{1} << 40).blocks == Geometry::kMostBlocks);
}

TEST_CASE("places and addresses are each other's inverse, in 32 and in 64 bits") {
  for (const std::string tag : {"", kChannelsLast, kInputsOutermost}) {
    CAPTURE(tag);
    const TensorType type{DType::f32, {3, 5, 4, 7}, {tag, 0}};
    const Grid g = grid_of(type);
    std::vector<int> seen(static_cast<std::size_t>(g.elements()));
    for (std::int64_t i = 0; i < g.elements(); ++i) {
      const Place p = g.place(i);
      CHECK(((p.n * g.h + p.h) * g.w + p.w) * g.c + p.c == i);
      ++seen[static_cast<std::size_t>(g.at(p))];
    }
    CHECK(std::count(seen.begin(), seen.end(), 1) == g.elements());
  }
  const Grid wide = grid_of({DType::f32, {70000, 512, 14, 14}, {kChannelsLast, 0}});
  const std::int64_t last = wide.elements() - 1;
  REQUIRE(last > std::int64_t{1} << 32);
  const Place p = wide.place(last);
  CHECK((p.n == 69999 && p.c == 511 && p.h == 13 && p.w == 13));
  CHECK(wide.at(p) == last);
}

TEST_CASE("a gather finds every reader of a pixel, and all weights add up to what is written") {
  for (const std::int64_t factor : {1, 2, 3, 4, 5, 8, 32}) {
    for (const std::int64_t pixels : {1, 2, 3, 7}) {
      for (const auto kind : {Interpolation::bilinear, Interpolation::nearest}) {
        CAPTURE(factor);
        CAPTURE(pixels);
        const UpsampleAttrs attrs{{factor, factor}, kind};
        const Resampling r(attrs, factor, pixels);
        for (std::int64_t d = 0; d < factor * pixels; ++d) {
          const Tap tap = r.tap(d);
          // As the op says it: output d lies at (d + 0.5) / factor - 0.5.
          const double source = (static_cast<double>(d) + 0.5) / static_cast<double>(factor) - 0.5;
          if (kind == Interpolation::bilinear) {
            CHECK(std::abs(static_cast<double>(tap.fraction) - (source - std::floor(source))) < 1e-7);
            CHECK(tap.low == std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(source)), 0));
            CHECK(tap.high == std::min<std::int64_t>(static_cast<std::int64_t>(std::floor(source)) + 1, pixels - 1));
          }
          float sum = 0;
          for (std::int64_t p = 0; p < pixels; ++p) {
            const float weight = r.weight(d, p);
            const Readers readers = r.readers(p);
            if (weight > 0) CHECK((readers.first <= d && d < readers.last));
            sum += weight;
          }
          CHECK(std::abs(sum - 1.0f) < 1e-6f);
        }
      }
    }
  }
}

TEST_CASE("long sums take every term once, whatever their number") {
  for (const std::int64_t count : {1, 31, 1024, 5000}) {
    std::vector<double> scratch(static_cast<std::size_t>(row_sum_doubles(2))), to(2);
    row_sums({}, 2, count, scratch.data(), to.data(),
             [](std::int64_t row, std::int64_t i) { return static_cast<double>(row == 0 ? 1 : i); });
    CHECK(to[0] == static_cast<double>(count));
    CHECK(to[1] == static_cast<double>(count * (count - 1) / 2));
  }
  CHECK(channel_lanes(1) == kRowLanes);
  CHECK(channel_lanes(4096) == 64);
  CHECK(channel_lanes(std::int64_t{1} << 30) == 1);
}

}  // namespace
}  // namespace fcngraph::cudnn
