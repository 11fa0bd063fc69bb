// SPDX-License-Identifier: Apache-2.0
#include "fake_cuda.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <cuda_runtime_api.h>
#include <cudnn.h>

#include <fcngraph/engine/random.h>

struct CUevent_st {
  std::uint64_t recorded = 0, passed = 0;
};
struct Work {
  std::function<void()> run;
  CUevent_st* waits_for = nullptr;
  std::uint64_t record = 0;
  bool is_ready() const { return waits_for == nullptr || waits_for->passed >= record; }
};
struct CUstream_st {
  std::deque<Work> work;
  bool capturing = false;
  std::vector<Work> captured;
};
struct CUgraph_st {
  std::vector<Work> work;
};
struct CUgraphExec_st {
  std::vector<Work> work;
};
struct cudnnContext {};

namespace fcngraph::testing::fake_cuda {
namespace {

World the_world;
std::vector<CUstream_st*> streams;
std::uint64_t drawn = 0;

std::size_t draw(std::size_t below) {
  return static_cast<std::size_t>(random_below(random_key(the_world.seed, "streams"), drawn++, below));
}

/// One piece of work of some stream that can go on; false where there is none.
bool step() {
  std::vector<CUstream_st*> ready;
  for (CUstream_st* stream : streams) {
    if (!stream->work.empty() && stream->work.front().is_ready()) ready.push_back(stream);
  }
  if (ready.empty()) return false;
  // Some seeds favour a stream: it runs ahead of the others as far as it may.
  const std::size_t favoured = the_world.seed / 2 % 4;
  CUstream_st* chosen = ready[draw(ready.size())];
  if (favoured < streams.size() && std::count(ready.begin(), ready.end(), streams[favoured]) > 0)
    chosen = streams[favoured];
  const Work work = std::move(chosen->work.front());
  chosen->work.pop_front();
  if (work.run) work.run();
  return true;
}

void go_on() {
  if (the_world.seed % 2 == 1) return;  // a device that does nothing before someone waits for it
  for (std::size_t steps = draw(4); steps > 0; --steps) step();
}

template <class Done>
void until(const Done& done) {
  while (!done()) {
    if (!step()) throw std::logic_error("the streams wait for each other");
  }
}

bool fails(const char* name) {
  if (the_world.failing != name || the_world.failing_in-- > 0) return false;
  the_world.failing.clear();
  return true;
}

cudaError_t put(cudaStream_t stream, Work work) {
  if (stream->capturing) {
    stream->captured.push_back(std::move(work));
  } else {
    stream->work.push_back(std::move(work));
    go_on();
  }
  return cudaSuccess;
}

}  // namespace

World& world() { return the_world; }
void reset(std::uint64_t seed) {
  the_world = {};
  the_world.seed = seed;
  drawn = 0;
}
void push(void* stream, std::function<void()> work) {
  (void)put(static_cast<cudaStream_t>(stream), {std::move(work), nullptr, 0});
}

}  // namespace fcngraph::testing::fake_cuda

using namespace fcngraph::testing::fake_cuda;

extern "C" {

cudaError_t cudaSetDevice(int) { return cudaSuccess; }
cudaError_t cudaGetLastError() { return cudaSuccess; }
const char* cudaGetErrorString(cudaError_t) { return "it was told to fail"; }

cudaError_t cudaMalloc(void** out, std::size_t bytes) {
  if (fails("cudaMalloc")) return cudaErrorMemoryAllocation;
  *out = std::malloc(bytes);
  return cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
  // As CUDA does, it waits for all that may use it.
  while (step()) continue;
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** out, std::size_t bytes) {
  if (fails("cudaMallocHost")) return cudaErrorMemoryAllocation;
  *out = std::malloc(bytes);
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* memory) { return cudaFree(memory); }
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* all) {
  *free = std::size_t{3} << 30U;
  *all = std::size_t{8} << 30U;
  return cudaSuccess;
}
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  std::memset(to, value, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  return put(stream, {[=] { std::memset(to, value, bytes); }, nullptr, 0});
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  if (fails("cudaMemcpyAsync")) return cudaErrorIllegalAddress;
  return put(stream, {[=] { std::memcpy(to, from, bytes); }, nullptr, 0});
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* out, unsigned) {
  *out = new CUstream_st;
  streams.push_back(*out);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  streams.erase(std::remove(streams.begin(), streams.end(), stream), streams.end());
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (fails("cudaStreamSynchronize")) return cudaErrorLaunchFailure;
  if (stream != nullptr) until([&] { return stream->work.empty(); });
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return put(stream, {{}, event, event->recorded});
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* out, unsigned) {
  *out = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  const std::uint64_t record = ++event->recorded;
  return put(stream, {[=] { event->passed = std::max(event->passed, record); }, nullptr, 0});
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (fails("cudaEventSynchronize")) return cudaErrorLaunchFailure;
  until([&] { return event->passed >= event->recorded; });
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  ++world().captures;
  stream->capturing = true;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* out) {
  stream->capturing = false;
  *out = new CUgraph_st{std::exchange(stream->captured, {})};
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* out, cudaGraph_t graph, unsigned long long) {
  *out = new CUgraphExec_st{graph->work};
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
  ++world().replays;
  for (const Work& work : graph->work) (void)put(stream, work);
  return cudaSuccess;
}

cudnnStatus_t cudnnCreate(cudnnHandle_t* out) {
  *out = new cudnnContext;
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  delete handle;
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetStream(cudnnHandle_t, cudaStream_t) { return CUDNN_STATUS_SUCCESS; }
const char* cudnnGetErrorString(cudnnStatus_t) { return "it was told to fail"; }

}  // extern "C"
