// SPDX-License-Identifier: Apache-2.0
#include "cudnn_on_host.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "core.h"

namespace fcngraph::testing {
namespace {

using namespace cudnn;

/// What a plan of cuDNN's would do, read off the key alone.
class LoopEngine final : public ConvolutionEngine {
 public:
  explicit LoopEngine(const PlanKey& key) : key_(key) {}
  std::string name() const override { return "loops in the place of cuDNN"; }
  std::size_t workspace() const override { return 16; }
  void run(const Queue& queue, const ConvolutionPointers& at, void* workspace) const override {
    std::memset(workspace, 0x5A, 16);
    const DirectConvolution direct = direct_convolution(key_);
    run_direct(queue, direct, at.x, at.w, at.y);
    if (key_.has_epilogue())
      run_epilogue(queue, key_.storage, direct.y, at.y, key_.bias ? at.bias : nullptr,
                   key_.addend ? at.addend : nullptr, key_.relu);
  }

 private:
  PlanKey key_;
};

class LoopEngines final : public EngineSource {
 public:
  LoopEngines(bool engines, bool fused) : engines_(engines), fused_(fused) {}
  const ConvolutionEngine* find(const PlanKey& key, std::string& why) override {
    const std::lock_guard lock(mutex_);
    if (!engines_ || (key.has_epilogue() && !fused_)) {
      why = "there is none";
      return nullptr;
    }
    return &made_.try_emplace(key, key).first->second;
  }

 private:
  bool engines_, fused_;
  std::mutex mutex_;
  std::map<PlanKey, LoopEngine> made_;
};

class HostBuffer final : public Buffer {
 public:
  HostBuffer(std::size_t bytes, bool shown) : memory_(bytes + kAlign), shown_(shown) {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    data_ = memory_.data() + (kAlign - address % kAlign) % kAlign;
    size_ = bytes;
  }
  std::byte* device_data() noexcept override { return data_; }
  std::byte* host() noexcept override { return shown_ ? data_ : nullptr; }
  std::size_t size() const noexcept override { return size_; }

 private:
  static constexpr std::size_t kAlign = 256;
  std::vector<std::byte> memory_;
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  bool shown_;
};

/// Launches are collected over a run, as on a GPU, so that what runs together there runs together here.
class HostDevice final : public Device {
 public:
  HostDevice(const DeviceOptions& options, EngineSource& engines, bool shown)
      : policy_(options.policy), engines_(engines), shown_(shown) {}
  std::unique_ptr<Buffer> allocate(std::size_t bytes) override { return std::make_unique<HostBuffer>(bytes, shown_); }
  void upload(std::byte* to, std::span<const std::byte> from) override {
    synchronize();
    std::copy(from.begin(), from.end(), to);
  }
  void download(std::span<std::byte> to, const std::byte* from) override {
    synchronize();
    std::copy_n(from, to.size(), to.data());
  }
  std::unique_ptr<Kernel> prepare(const StepView& step) override {
    return std::make_unique<HostKernel>(*this, enqueue_of(step, policy_, engines_));
  }
  void begin_run() override { collecting_ = true; }
  void end_run() override {
    synchronize();
    collecting_ = false;
  }
  void synchronize() override {
    enqueue_run(run_, {});
    run_.clear();
  }

 private:
  class HostKernel final : public Kernel {
   public:
    HostKernel(HostDevice& device, Enqueue enqueue) : device_(device), enqueue_(std::move(enqueue)) {}
    void launch(const LaunchArgs& args) override {
      device_.run_.push_back({&enqueue_,
                              {args.operands.begin(), args.operands.end()},
                              {args.results.begin(), args.results.end()},
                              args.workspace});
      if (!device_.collecting_) device_.synchronize();
    }

   private:
    HostDevice& device_;
    Enqueue enqueue_;
  };

  KernelPolicy policy_;
  EngineSource& engines_;
  std::vector<Launch> run_;
  bool shown_, collecting_ = false;
};

class HostBackend final : public Backend {
 public:
  HostBackend(bool engines, bool fused, bool shown = true) : engines_(engines, fused), shown_(shown) {}
  std::string_view name() const override { return "cudnn"; }
  Probe probe() const override { return {true, "kernels compiled for the host"}; }
  Capability capability(const StepView& step, const KernelPolicy& policy) const override {
    return capability_of(step, policy, engines_);
  }
  std::unique_ptr<Device> open(const DeviceOptions& options) const override {
    return std::make_unique<HostDevice>(options, engines_, shown_);
  }

 private:
  mutable LoopEngines engines_;
  bool shown_;
};

}  // namespace

const Backend& cudnn_on_host(bool engines, bool fused) {
  static const HostBackend all(true, true), plain(true, false), none(false, false);
  return !engines ? none : fused ? all : plain;
}

const Backend& cudnn_apart() {
  static const HostBackend apart(true, true, false);
  return apart;
}

}  // namespace fcngraph::testing
