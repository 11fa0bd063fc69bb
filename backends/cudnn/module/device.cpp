// SPDX-License-Identifier: Apache-2.0
#include "device.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "device_checks.h"

namespace fcngraph::cudnn {
namespace {

constexpr std::size_t kStagingBytes = std::size_t{16} << 20;
/// Training, evaluation and their remainders are a handful of different runs, each with the inputs in either of two buffers.
constexpr std::size_t kMostGraphs = 16;

class DeviceBuffer final : public Buffer {
 public:
  explicit DeviceBuffer(std::size_t bytes) : size_(bytes) {
    const cudaError_t code = cudaMalloc(&data_, std::max<std::size_t>(bytes, 1));
    if (code == cudaErrorMemoryAllocation) {
      (void)cudaGetLastError();  // it is not to be found by what comes next
      std::size_t free = 0, all = 0;
      (void)cudaMemGetInfo(&free, &all);
      const auto text = [](std::size_t n) {
        return human_bytes(static_cast<std::int64_t>(std::min<std::size_t>(n, INT64_MAX)));
      };
      throw BackendError("cudnn", "not enough memory on the GPU: " + text(bytes) + " (" + std::to_string(bytes) +
                                      " bytes) wanted, " + text(free) + " of " + text(all) + " free");
    }
    check(code, "allocating memory");
    // On CUDA's own stream, for which ours does not wait.
    cudaError_t cleared = cudaMemset(data_, 0, size_);
    if (cleared == cudaSuccess) cleared = cudaStreamSynchronize(nullptr);
    if (cleared != cudaSuccess) {
      (void)cudaFree(data_);
      check(cleared, "clearing memory");
    }
  }
  ~DeviceBuffer() override { (void)cudaFree(data_); }
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;
  std::byte* device_data() noexcept override { return static_cast<std::byte*>(data_); }
  std::byte* host() noexcept override { return nullptr; }
  std::size_t size() const noexcept override { return size_; }

 private:
  std::size_t size_;
  void* data_ = nullptr;
};

}  // namespace

/// A step of a plan: launched, it is put among what the run has collected.
class CudaDevice::StepKernel final : public Kernel {
 public:
  StepKernel(CudaDevice& device, std::uint64_t number, Enqueue enqueue)
      : device_(device), number_(number), enqueue_(std::move(enqueue)) {}
  void launch(const LaunchArgs& args) override { device_.add(number_, enqueue_, args); }

 private:
  CudaDevice& device_;
  std::uint64_t number_;
  Enqueue enqueue_;
};

CudaDevice::CudaDevice(const DeviceOptions& options, EngineSource& engines)
    : policy_(options.policy), engines_(engines), replays_(kMostGraphs) {
  check(cudaSetDevice(0), "choosing the GPU");
  for (Owned<cudaStream_t>* owned : {&stream_, &up_, &down_}) {
    cudaStream_t stream = nullptr;
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "making a stream");
    owned->reset(stream);
  }
  cudnnHandle_t handle = nullptr;
  check(cudnnCreate(&handle), "starting cuDNN");
  cudnn_.reset(handle);
  check(cudnnSetStream(handle, stream_.get()), "giving cuDNN its stream");
  queue_ = {stream_.get(), handle};
  for (Staging* staging : {&staging_, &staging_up_}) {
    for (Staging::Piece& piece : staging->pieces) {
      piece.memory = new_pinned(kStagingBytes);
      if (piece.memory == nullptr) check(cudaErrorMemoryAllocation, "allocating pinned memory");
      piece.copied = new_event();
    }
  }
  for (Owned<cudaEvent_t>& point : points_) point = new_event();
  brought_ = new_event();
}

CudaDevice::~CudaDevice() {
  for (const Owned<cudaStream_t>* stream : {&up_, &stream_, &down_}) (void)cudaStreamSynchronize(stream->get());
}

const CudaDevice::Staging::Piece& CudaDevice::Staging::next() {
  const Piece& piece = pieces[copies++ % pieces.size()];
  check(cudaEventSynchronize(piece.copied.get()), "waiting for a copy");
  return piece;
}

std::unique_ptr<Buffer> CudaDevice::allocate(std::size_t bytes) { return std::make_unique<DeviceBuffer>(bytes); }

void CudaDevice::copy_in(std::byte* to, std::span<const std::byte> from, cudaStream_t stream, Staging& staging) {
  while (!from.empty()) {
    const Staging::Piece& piece = staging.next();
    const std::size_t bytes = std::min(from.size(), kStagingBytes);
    std::memcpy(piece.memory.get(), from.data(), bytes);
    check(cudaMemcpyAsync(to, piece.memory.get(), bytes, cudaMemcpyHostToDevice, stream), "copying to the GPU");
    check(cudaEventRecord(piece.copied.get(), stream), "marking a copy");
    from = from.subspan(bytes);
    to += bytes;
  }
}

void CudaDevice::upload(std::byte* to, std::span<const std::byte> from) {
  flush();
  copy_in(to, from, stream_.get(), staging_);
}

void CudaDevice::download(std::span<std::byte> to, const std::byte* from) {
  flush();
  while (!to.empty()) {
    const Staging::Piece& piece = staging_.next();
    const std::size_t bytes = std::min(to.size(), kStagingBytes);
    check(cudaMemcpyAsync(piece.memory.get(), from, bytes, cudaMemcpyDeviceToHost, stream_.get()),
          "copying from the GPU");
    check(cudaStreamSynchronize(stream_.get()), "waiting for a copy");
    std::memcpy(to.data(), piece.memory.get(), bytes);
    to = to.subspan(bytes);
    from += bytes;
  }
}

std::unique_ptr<Kernel> CudaDevice::prepare(const StepView& step) {
  try {
    return std::make_unique<StepKernel>(*this, ++kernels_, enqueue_of(step, policy_, engines_));
  } catch (const BackendError& e) {
    throw BackendError("cudnn", "step '" + std::string(step.name) + "': " + e.what());
  }
}

void CudaDevice::begin_run() {
  collecting_ = whole_run_ = true;
  signature_.clear();
}

void CudaDevice::add(std::uint64_t kernel, const Enqueue& enqueue, const LaunchArgs& args) {
  collected_.push_back({&enqueue,
                        {args.operands.begin(), args.operands.end()},
                        {args.results.begin(), args.results.end()},
                        args.workspace});
  signature_.add(kernel, args);
  if (!collecting_) flush();
}

void CudaDevice::enqueue_all(std::span<const Launch> run) {
  enqueue_run(run, queue_);
  check(cudaGetLastError(), "launching kernels");
}

// Enqueues what has been collected so far: someone wants to see it.
void CudaDevice::flush() {
  if (collected_.empty()) return;
  whole_run_ = false;
  enqueue_all(std::exchange(collected_, {}));
}

void CudaDevice::capture(std::uint64_t graph) {
  check(cudaStreamBeginCapture(stream_.get(), cudaStreamCaptureModeThreadLocal), "beginning a graph");
  bool fine = true;
  try {
    enqueue_all(collected_);
  } catch (const BackendError&) {
    fine = false;
  }
  cudaGraph_t captured = nullptr;
  fine = cudaStreamEndCapture(stream_.get(), &captured) == cudaSuccess && fine;
  const Owned<cudaGraph_t> owned(captured);
  cudaGraphExec_t exec = nullptr;
  fine = fine && cudaGraphInstantiate(&exec, captured, 0) == cudaSuccess;
  if (fine) {
    graphs_[graph].reset(exec);
    return check(cudaGraphLaunch(exec, stream_.get()), "launching a graph");
  }
  // Some engine cannot be captured. Nothing has run yet.
  (void)cudaGetLastError();
  replays_.refuse(graph);
  enqueue_all(collected_);
}

void CudaDevice::run_collected() {
  if (!whole_run_) return flush();
  const ReplayPolicy::Decision decision = replays_.next(signature_);
  graphs_.erase(decision.dropped);
  switch (decision.action) {
    case ReplayPolicy::Action::launch:
      return enqueue_all(collected_);
    case ReplayPolicy::Action::capture:
      return capture(decision.graph);
    case ReplayPolicy::Action::replay:
      return check(cudaGraphLaunch(graphs_.at(decision.graph).get(), stream_.get()), "launching a graph");
  }
}

// Called where nothing may throw: what goes wrong is said by the next `synchronize`.
void CudaDevice::end_run() {
  try {
    if (!collected_.empty()) run_collected();
  } catch (...) {
    failed_ = std::current_exception();
  }
  collected_.clear();
  collecting_ = false;
}

void CudaDevice::synchronize() {
  if (failed_) std::rethrow_exception(std::exchange(failed_, nullptr));
  flush();
  check(cudaStreamSynchronize(stream_.get()), "waiting for the GPU");
}

}  // namespace fcngraph::cudnn
