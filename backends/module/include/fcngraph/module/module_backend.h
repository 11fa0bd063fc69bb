// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include <fcngraph/engine/backend.h>
#include <fcngraph/module/library_loader.h>

namespace fcngraph {

/// What became of a search for a module: its backend, or a sentence why there is none.
struct OpenedModule {
  const Backend* backend = nullptr;
  std::string why;
};

/// Looks for libfcngraph_NAME.so in the loader's folders and asks it for its backend. Never throws for what is missing or broken.
OpenedModule open_module(std::string_view name, const LibraryLoader& loader);

/// A backend that lies in a module, opened when it is first asked for anything. Where that fails it is not available, and says why.
class ModuleBackend final : public Backend {
 public:
  /// `loader` must outlive the backend.
  ModuleBackend(std::string name, const LibraryLoader& loader) : name_(std::move(name)), loader_(loader) {}
  std::string_view name() const override { return name_; }
  Probe probe() const override;
  Capability capability(const StepView& step, const KernelPolicy& policy) const override;
  std::unique_ptr<Device> open(const DeviceOptions& options) const override;
  Probe multiplies_in(DType type) const override;
  std::span<const std::string_view> kernel_choices() const override;
  std::string times_hold_for(const KernelPolicy& policy) const override;
  bool works_beside_host() const override;

 private:
  const OpenedModule& module() const;

  std::string name_;
  const LibraryLoader& loader_;
  mutable std::once_flag opened_;
  mutable OpenedModule module_;
};

}  // namespace fcngraph
