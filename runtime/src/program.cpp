// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/program.h>

#include <fmt/format.h>

#include <algorithm>

#include <fcngraph/engine/error.h>

#include "apply_weights.h"
#include "program_impl.h"
#include "rename_weights.h"
#include "session_impl.h"

namespace fcngraph {

Mode Program::mode() const { return impl_->mode; }
std::int64_t Program::batch() const { return impl_->inputs.batch; }
std::int64_t Program::parts() const { return impl_->parts; }
int Program::recompute() const { return impl_->recompute; }
std::int64_t Program::height() const { return impl_->inputs.height; }
std::int64_t Program::width() const { return impl_->inputs.width; }
const std::string& Program::backend() const { return impl_->backend_name; }
const std::string& Program::backend_reason() const { return impl_->backend_reason; }
const Plan& Program::plan() const { return impl_->plan; }

std::vector<std::string> Program::outputs() const {
  std::vector<std::string> names;
  for (const auto& output : impl_->plan.outputs) names.push_back(output.first);
  return names;
}

std::string Program::summary() const {
  const Plan& plan = impl_->plan;
  const auto setup =
      std::count_if(plan.steps.begin(), plan.steps.end(), [](const Step& step) { return step.phase == Phase::setup; });
  constexpr double kGiga = 1e9;
  std::string work =
      fmt::format("{:.3g} GFLOP forward", (plan.flops(Phase::feature) + plan.flops(Phase::forward)) / kGiga);
  if (impl_->mode == Mode::train) {
    work += fmt::format(", {:.3g} backward, {:.3g} for the update", plan.flops(Phase::backward) / kGiga,
                        plan.flops(Phase::update) / kGiga);
  }
  if (const double again = plan.flops(Phase::recompute); again > 0)
    work += fmt::format(", {:.3g} to compute values again instead of keeping them", again / kGiga);
  if (impl_->parts > 1) {
    work += fmt::format("; a batch goes through in {} runs, which add up gradients of {}", impl_->parts,
                        human_bytes(plan.accumulated_bytes()));
  }
  return fmt::format(
      "{} for {} of {}x{}x{} on {}: {} steps ({} of them once, when weights are set), {} a run; {} for intermediate "
      "values, "
      "{} of weights, {} packed for the kernels",
      impl_->model.name(), impl_->inputs.batch == 1 ? "one image" : fmt::format("{} images", impl_->inputs.batch),
      impl_->inputs.channels, impl_->inputs.height, impl_->inputs.width, impl_->backend_name, plan.steps.size(), setup,
      work, human_bytes(plan.arena_bytes), human_bytes(plan.saved_bytes), human_bytes(plan.resident_bytes));
}

Session Program::open(const Weights& weights, std::uint64_t seed) const {
  const auto store = std::make_shared<TensorStore>(*impl_->backend, DeviceOptions{impl_->policy});
  store->seed = seed;
  store->keeps_packed = *impl_->model.spec().compile.keep_packed;
  auto session = std::make_unique<Session::Impl>(*this, store);
  session->report = apply_weights(session->executor, rename_weights(impl_->model.spec(), weights));
  return Session(std::move(session));
}

Session Program::open(const Session& other, const Weights& weights) const {
  auto session = std::make_unique<Session::Impl>(*this, other.impl().store);
  session->report = apply_weights(session->executor, rename_weights(impl_->model.spec(), weights), Fill::missing);
  return Session(std::move(session));
}

}  // namespace fcngraph
