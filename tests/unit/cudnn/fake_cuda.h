// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace fcngraph::testing::fake_cuda {

/// What of CUDA's runtime the device uses, on the host, in the order that a seed gives: each stream does its work one after the
/// other, and which stream goes on, and how far before the host's next call, is drawn, or as one-sided as it may be. Memory of the device is the
/// host's.
struct World {
  std::uint64_t seed = 0;
  int captures = 0, replays = 0;
  std::string failing;  ///< name of the function that fails, once
  int failing_in = 0;   ///< after so many calls that work
};

/// Everything as it is when a process starts.
void reset(std::uint64_t seed);
World& world();
/// A kernel: done when the stream comes to it.
void push(void* stream, std::function<void()> work);

}  // namespace fcngraph::testing::fake_cuda
