// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <fcngraph/engine/backend.h>

#include "device_context.h"
#include "thread_scope.h"

namespace fcngraph::onednn {

class OnednnDevice final : public Device {
 public:
  explicit OnednnDevice(const DeviceOptions& options);
  std::unique_ptr<Buffer> allocate(std::size_t bytes) override;
  void upload(std::byte* to, std::span<const std::byte> from) override;
  void download(std::span<std::byte> to, const std::byte* from) override;
  std::unique_ptr<Kernel> prepare(const StepView& step) override;
  void begin_run() override { threads_.emplace(context_.policy.threads); }
  void end_run() override { threads_.reset(); }
  void synchronize() override { context_.stream.wait(); }
  double measure_peak() override;

 private:
  DeviceContext context_;
  std::optional<ThreadScope> threads_;
};

}  // namespace fcngraph::onednn
