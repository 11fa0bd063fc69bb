// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

// Kernels are written once: nvcc compiles the body of a loop for the device, and any C++ compiler compiles the same body, in the same
// blocks of the same threads, for the tests.
#ifdef __CUDACC__
#define FCNGRAPH_DEVICE __host__ __device__
#else
#define FCNGRAPH_DEVICE
#endif

namespace fcngraph::cudnn {

/// Where work goes: a stream of CUDA and cuDNN's handle on it; both null on the host.
struct Queue {
  void* stream = nullptr;
  void* cudnn = nullptr;
};

/// How `count` turns of a loop are shared out: thread t of all takes turns t, t + threads, t + 2 threads, ...
struct Geometry {
  static constexpr unsigned kThreads = 256;
  /// More blocks than fill any GPU a few times over are of no use.
  static constexpr std::int64_t kMostBlocks = 1 << 14;
  unsigned blocks = 0;
};
constexpr Geometry geometry_of(std::int64_t count) {
  const std::int64_t wanted = (count + Geometry::kThreads - 1) / Geometry::kThreads;
  return {static_cast<unsigned>(std::min(std::max<std::int64_t>(wanted, 0), Geometry::kMostBlocks))};
}

#ifdef __CUDACC__
template <class Body>
__global__ void loop(std::int64_t count, Body body) {
  const std::int64_t step = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) body(i);
}
#endif

/// Runs body(0) ... body(count - 1), in no order: no turn may read what another writes.
template <class Body>
void launch(const Queue& queue, std::int64_t count, const Body& body) {
  const Geometry geometry = geometry_of(count);
  if (geometry.blocks == 0) return;
#ifdef __CUDACC__
  loop<<<geometry.blocks, Geometry::kThreads, 0, static_cast<cudaStream_t>(queue.stream)>>>(count, body);
#else
  (void)queue;
  const std::int64_t step = static_cast<std::int64_t>(geometry.blocks) * Geometry::kThreads;
  for (std::int64_t first = 0; first < step; ++first) {
    for (std::int64_t i = first; i < count; i += step) body(i);
  }
#endif
}

/// How many threads share a long sum: each takes every kSumLanes-th term, and the lanes are added in their order.
inline constexpr std::int64_t kSumLanes = 1024;

}  // namespace fcngraph::cudnn
