// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <vector>

#include <cuda_runtime_api.h>
#include <cudnn.h>

#include <fcngraph/engine/backend.h>

#include "core.h"
#include "replay.h"

namespace fcngraph::cudnn {

/// What CUDA and cuDNN hand out, given back by whoever holds it last.
struct GiveBack {
  void operator()(cudaStream_t stream) const noexcept { (void)cudaStreamDestroy(stream); }
  void operator()(cudaEvent_t event) const noexcept { (void)cudaEventDestroy(event); }
  void operator()(cudaGraph_t graph) const noexcept { (void)cudaGraphDestroy(graph); }
  void operator()(cudaGraphExec_t graph) const noexcept { (void)cudaGraphExecDestroy(graph); }
  void operator()(cudnnHandle_t handle) const noexcept { (void)cudnnDestroy(handle); }
  void operator()(std::byte* pinned) const noexcept { (void)cudaFreeHost(pinned); }
};
template <class Handle>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, GiveBack>;

/// The GPU: one stream, on which runs happen in order, cuDNN's handle on it, and pinned memory that copies go through. The launches
/// of a run are collected and enqueued at its end: as a graph, once the same run has been seen before. Two more streams copy beside
/// it, one in each direction; events tell each of the three what it has to wait for.
class CudaDevice final : public Device {
 public:
  CudaDevice(const DeviceOptions& options, EngineSource& engines);
  ~CudaDevice() override;
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  std::unique_ptr<Buffer> allocate(std::size_t bytes) override;
  void upload(std::byte* to, std::span<const std::byte> from) override;
  void download(std::span<std::byte> to, const std::byte* from) override;
  std::unique_ptr<Kernel> prepare(const StepView& step) override;
  void begin_run() override;
  void end_run() override;
  void synchronize() override;
  Mark mark() override;
  void wait(Mark point) override;
  void upload_beside(std::byte* to, std::span<const std::byte> from, Mark after) override;
  void gather_beside(std::byte* to, std::span<const std::byte* const> pieces, std::size_t bytes_each,
                     Mark after) override;
  Mark download_beside(std::span<std::byte> to, const std::byte* from) override;
  std::size_t free_memory() override;

 private:
  class StepKernel;
  /// Two pieces of pinned memory that take turns: while one is copied, the other is filled.
  struct Staging {
    struct Piece {
      Owned<std::byte*> memory;
      Owned<cudaEvent_t> copied;  ///< the last copy out of it, or into it, is over
    };
    std::array<Piece, 2> pieces;
    std::size_t copies = 0;
    const Piece& next();
  };
  /// What an output is copied through on its way to the host: a copy on the device, which later runs leave alone, and one in pinned
  /// memory.
  struct Taken {
    std::unique_ptr<Buffer> copy;
    Owned<std::byte*> pinned;
    Owned<cudaEvent_t> taken, arrived;
    Mark point = 0;  ///< 0: nobody waits for it
    std::span<std::byte> to;
  };

  void add(std::uint64_t kernel, const Enqueue& enqueue, const LaunchArgs& args);
  void enqueue_all(std::span<const Launch> run);
  void flush();
  void run_collected();
  void capture(std::uint64_t graph);
  void copy_in(std::byte* to, std::span<const std::byte> from, cudaStream_t stream, Staging& staging);
  void begin_beside(Mark after);
  void end_beside();
  Taken* room_for(std::size_t bytes);

  KernelPolicy policy_;
  EngineSource& engines_;
  Owned<cudaStream_t> stream_, up_, down_;
  Owned<cudnnHandle_t> cudnn_;
  Queue queue_;
  Staging staging_, staging_up_;
  std::array<Owned<cudaEvent_t>, 8> points_;  ///< of marks, by their number; one used again stands for a later point
  Mark marks_ = 0;
  Owned<cudaEvent_t> brought_;  ///< everything that was brought beside runs so far is there
  std::vector<std::unique_ptr<Taken>> taken_;
  std::uint64_t kernels_ = 0;
  bool collecting_ = false;
  bool whole_run_ = true;  ///< nothing of the run was enqueued before its end
  std::vector<Launch> collected_;
  RunSignature signature_;
  ReplayPolicy replays_;
  std::map<std::uint64_t, Owned<cudaGraphExec_t>> graphs_;
  std::exception_ptr failed_;  ///< at the end of a run, where nothing may throw; thrown by synchronize
};

}  // namespace fcngraph::cudnn
