// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/graph.h>

namespace fcngraph {

/// Version of the agreement between the library and a backend in a shared library of its own: counts up when it changes.
inline constexpr std::uint32_t kBackendModuleVersion = 2;

/// A fingerprint of the types that cross the border, so that a module built with other headers is refused, not called.
constexpr std::uint64_t backend_module_layout() noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const std::size_t size : {sizeof(StepView), sizeof(KernelPolicy), sizeof(Capability), sizeof(Probe),
                                 sizeof(LaunchArgs), sizeof(DeviceOptions), sizeof(TensorType), sizeof(OpDef),
                                 sizeof(Attrs), sizeof(Node), sizeof(Value), sizeof(Graph)})
    hash = (hash ^ size) * 0x100000001b3ULL;
  return hash;
}

/// What a module's one entry point returns. `version` and `layout` are looked at first; only where both agree may `backend` be
/// touched. Memory is the module's and stays.
struct BackendModule {
  std::uint32_t version = kBackendModuleVersion;
  std::uint64_t layout = backend_module_layout();
  const Backend* backend = nullptr;
};

/// The entry point, a C function: `extern "C" const fcngraph::BackendModule* fcngraph_backend_module();` Backend `NAME` lies in
/// `libfcngraph_NAME.so`. A module has a copy of whatever it uses of the engine: ops go by their names there, not by address.
using BackendModuleEntry = const BackendModule*();
inline constexpr const char* kBackendModuleEntry = "fcngraph_backend_module";

}  // namespace fcngraph
