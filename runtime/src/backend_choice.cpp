// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/backend_choice.h>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

namespace fcngraph {
namespace {

BackendChoice choose_first(std::span<const Backend* const> backends) {
  std::string refusals;
  for (const Backend* backend : backends) {
    const Probe probe = backend->probe();
    if (probe.available) {
      return {backend, fmt::format("auto: {}, the first that runs here ({}){}", backend->name(), probe.text, refusals)};
    }
    refusals += fmt::format("; not {}: {}", backend->name(), probe.text);
  }
  throw BackendError("auto", "none runs here" + refusals);
}

}  // namespace

BackendChoice choose_backend(const std::string& name, std::span<const Backend* const> backends) {
  if (name == "auto") return choose_first(backends);
  std::vector<std::string> names{"auto"};
  for (const Backend* backend : backends) {
    names.emplace_back(backend->name());
    if (backend->name() != name) continue;
    const Probe probe = backend->probe();
    if (!probe.available) throw BackendError(name, "not available: " + probe.text);
    return {backend, fmt::format("{}, as asked for ({})", name, probe.text)};
  }
  const std::string hint = did_you_mean(name, names);
  throw BackendError(
      name, fmt::format("not part of this build, expected one of {}{}", join(names), hint.empty() ? "" : "; " + hint));
}

}  // namespace fcngraph
