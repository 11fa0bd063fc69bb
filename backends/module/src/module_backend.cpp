// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/module/module_backend.h>

#include <fcngraph/engine/backend_module.h>

namespace fcngraph {
namespace {

OpenedModule no(std::string why) { return {nullptr, std::move(why)}; }

OpenedModule ask(const std::string& file, void* library, const LibraryLoader& loader) {
  const auto entry = reinterpret_cast<BackendModuleEntry*>(loader.symbol(library, kBackendModuleEntry));
  if (entry == nullptr)
    return no(file + " has no function " + kBackendModuleEntry + ", so it is no backend of fcngraph");
  const BackendModule* module = entry();
  if (module == nullptr) return no(file + " offers no backend");
  if (module->version != kBackendModuleVersion) {
    return no(file + " is a module of version " + std::to_string(module->version) + ", expected " +
              std::to_string(kBackendModuleVersion) + ": it was built for another version of fcngraph");
  }
  if (module->layout != backend_module_layout())
    return no(file + " was built with other headers of fcngraph than this library");
  if (module->backend == nullptr) return no(file + " offers no backend");
  return {module->backend, {}};
}

}  // namespace

OpenedModule open_module(std::string_view name, const LibraryLoader& loader) {
  const std::string file = "libfcngraph_" + std::string(name) + ".so";
  for (const std::string& folder : loader.folders()) {
    const std::string path = folder + "/" + file;
    if (folder.empty() || !loader.exists(path)) continue;
    std::string why;
    void* library = loader.open(path, why);
    // The first that is there is the one that was meant: a second would hide what is wrong with it.
    return library != nullptr ? ask(file, library, loader) : no(file + " cannot be opened: " + why);
  }
  return no(file + " is neither beside the library nor beside the program");
}

const OpenedModule& ModuleBackend::module() const {
  std::call_once(opened_, [this] { module_ = open_module(name_, loader_); });
  return module_;
}

Probe ModuleBackend::probe() const {
  const OpenedModule& opened = module();
  return opened.backend != nullptr ? opened.backend->probe() : Probe{false, opened.why};
}

Capability ModuleBackend::capability(const StepView& step, const KernelPolicy& policy) const {
  const OpenedModule& opened = module();
  return opened.backend != nullptr ? opened.backend->capability(step, policy) : Capability::no(opened.why);
}

std::unique_ptr<Device> ModuleBackend::open(const DeviceOptions& options) const {
  const OpenedModule& opened = module();
  if (opened.backend == nullptr) throw BackendError(name_, opened.why);
  return opened.backend->open(options);
}

Probe ModuleBackend::multiplies_in(DType type) const {
  const OpenedModule& opened = module();
  return opened.backend != nullptr ? opened.backend->multiplies_in(type) : Probe{false, opened.why};
}

std::span<const std::string_view> ModuleBackend::kernel_choices() const {
  const OpenedModule& opened = module();
  return opened.backend != nullptr ? opened.backend->kernel_choices() : Backend::kernel_choices();
}

std::string ModuleBackend::times_hold_for(const KernelPolicy& policy) const {
  const OpenedModule& opened = module();
  return opened.backend != nullptr ? opened.backend->times_hold_for(policy) : Backend::times_hold_for(policy);
}

bool ModuleBackend::works_beside_host() const {
  const OpenedModule& opened = module();
  return opened.backend != nullptr && opened.backend->works_beside_host();
}

}  // namespace fcngraph
