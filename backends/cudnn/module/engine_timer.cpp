// SPDX-License-Identifier: Apache-2.0
#include "engine_timer.h"

#include <cuda_runtime_api.h>

#include <algorithm>

#include "noise.h"

namespace fcngraph::cudnn {
namespace {

/// More than any of these GPUs caches. Writing it also keeps the GPU busy until the host has enqueued what is timed.
constexpr std::size_t kFlushBytes = std::size_t{256} << 20;

void check(cudaError_t code, const char* what) {
  if (code == cudaSuccess) return;
  (void)cudaGetLastError();  // it is not to be found by what comes next
  throw BackendError("cudnn", std::string(what) + ": " + cudaGetErrorString(code));
}

std::int64_t elements(const std::array<std::int32_t, 4>& dims) {
  std::int64_t count = 1;
  for (const std::int32_t dim : dims) count *= dim;
  return count;
}

}  // namespace

TimingBench::TimingBench(const ConvolutionPlan& plan, const PlanKey& key, const Queue& queue, std::size_t workspace)
    : plan_(plan), queue_(queue) {
  try {
    at_ = {noise(elements(key.x), key.storage), noise(elements(key.w), key.storage),
           noise(elements(key.y), key.storage), nullptr, nullptr};
    if (key.bias) at_.bias = noise(key.y[1], key.storage);
    if (key.addend) at_.addend = noise(elements(key.y), key.storage);
    workspace_ = allocate(workspace);
    flush_ = allocate(kFlushBytes);
    for (void*& event : events_) {
      cudaEvent_t made = nullptr;
      check(cudaEventCreate(&made), "making an event");
      event = made;
    }
  } catch (...) {
    release();
    throw;
  }
}

TimingBench::~TimingBench() { release(); }

void TimingBench::release() noexcept {
  (void)cudaStreamSynchronize(static_cast<cudaStream_t>(queue_.stream));
  for (void* event : events_) {
    if (event != nullptr) (void)cudaEventDestroy(static_cast<cudaEvent_t>(event));
  }
  for (void* memory : memory_) (void)cudaFree(memory);
}

void* TimingBench::allocate(std::size_t bytes) {
  void* memory = nullptr;
  check(cudaMalloc(&memory, std::max<std::size_t>(bytes, 1)), "allocating memory to time a convolution on");
  memory_.push_back(memory);
  return memory;
}

void* TimingBench::noise(std::int64_t elements, DType storage) {
  void* memory = allocate(static_cast<std::size_t>(elements) * size_of(storage));
  fill_noise(queue_, storage, memory, elements);
  return memory;
}

std::optional<double> TimingBench::time(const Candidate& candidate) {
  const auto stream = static_cast<cudaStream_t>(queue_.stream);
  const auto begin = static_cast<cudaEvent_t>(events_[0]), end = static_cast<cudaEvent_t>(events_[1]);
  float milliseconds = 0;
  const bool fine =
      cudaMemsetAsync(flush_, 0, kFlushBytes, stream) == cudaSuccess && cudaEventRecord(begin, stream) == cudaSuccess &&
      plan_.run_candidate(queue_, candidate, at_, workspace_) && cudaEventRecord(end, stream) == cudaSuccess &&
      cudaEventSynchronize(end) == cudaSuccess && cudaEventElapsedTime(&milliseconds, begin, end) == cudaSuccess;
  if (fine) return static_cast<double>(milliseconds) / 1e3;
  (void)cudaGetLastError();
  return std::nullopt;
}

}  // namespace fcngraph::cudnn
