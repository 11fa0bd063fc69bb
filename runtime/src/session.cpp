// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/session.h>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "apply_weights.h"
#include "rename_weights.h"
#include "session_impl.h"
#include "session_inputs.h"

namespace fcngraph {

const Tensor& Result::operator[](const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found != tensors_.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, tensor] : tensors_) names.push_back(known);
  const std::string hint = did_you_mean(name, names);
  throw GraphError("the result has no '" + name + "', it has " + join(names) + (hint.empty() ? "" : "; " + hint));
}

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result Session::run(const std::map<std::string, InputValue>& inputs) {
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, value] : inputs) {
    if (const auto* image = std::get_if<Image>(&value)) {
      tensors.emplace(name, image_input(*image, *impl_));
    } else {
      tensors.emplace(name, std::get<Tensor>(value));
    }
  }
  step(tensors);
  Result result;
  const auto& outputs = impl_->executor.plan().outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) result.set(outputs[i].first, impl_->executor.read(i));
  return result;
}

void Session::step(const std::map<std::string, Tensor>& inputs, bool updates) {
  impl_->executor.forget_next();
  bind_inputs(*impl_, inputs, impl_->kept);
  impl_->executor.run(updates);
}

void Session::start(const std::map<std::string, Tensor>& inputs, bool updates) {
  bind_inputs(*impl_, inputs, impl_->kept);
  impl_->executor.start(updates);
}

void Session::finish() { impl_->executor.finish(); }

bool Session::works_beside_host() const { return impl_->store->backend().works_beside_host(); }

void Session::prepare_next(const std::map<std::string, Tensor>& inputs) {
  if (!works_beside_host()) return;
  std::vector<Tensor> kept;  // what was bound has been copied
  bind_inputs(*impl_, inputs, kept, For::next);
}

void Session::begin(const std::map<std::string, Tensor>& inputs) {
  impl_->executor.forget_next();
  prepare_next(inputs);
  start(inputs);
  const std::size_t count = impl_->executor.plan().outputs.size();
  Impl::Begun& run = impl_->begun.emplace_back();
  run.outputs.resize(count);
  for (std::size_t i = 0; i < count; ++i) run.filled.push_back(impl_->executor.take(i, run.outputs[i]));
}

void Session::forget() {
  impl_->executor.forget_next();
  impl_->begun.clear();
}

Result Session::end() {
  if (impl_->begun.empty()) throw GraphError("there is no run that was begun and not ended");
  Impl::Begun run = std::move(impl_->begun.front());
  impl_->begun.pop_front();
  Result result;
  const auto& outputs = impl_->executor.plan().outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    impl_->executor.wait(run.filled[i]);
    result.set(outputs[i].first, std::move(run.outputs[i]));
  }
  return result;
}

namespace {

std::size_t find_output(const Plan& plan, const std::string& output) {
  const auto& outputs = plan.outputs;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].first == output) return i;
    names.push_back(outputs[i].first);
  }
  const std::string hint = did_you_mean(output, names);
  throw GraphError("this program has no output '" + output + "', it has " + join(names) +
                   (hint.empty() ? "" : "; " + hint));
}

}  // namespace

Tensor Session::read(const std::string& output) const {
  return impl_->executor.read(find_output(impl_->executor.plan(), output));
}

void Session::read_samples(const std::string& output, std::int64_t first, std::span<std::byte> to) const {
  const Plan& plan = impl_->executor.plan();
  const std::size_t i = find_output(plan, output);
  const TensorType& type = plan.slots[plan.outputs[i].second].type;
  const std::int64_t each = samples_lie_apart(type) && type.shape[0] > 0 ? bytes_of(type) / type.shape[0] : 0;
  const auto bytes = static_cast<std::int64_t>(to.size());
  if (first < 0 || each == 0 || bytes % each != 0 || first > type.shape[0] - bytes / each) {
    throw GraphError(
        fmt::format("'{}' is {}: it has no {} bytes from sample {} on", output, to_string(type), bytes, first));
  }
  impl_->executor.read_part(i, first * each, to);
}

Weights Session::weights() const { return collect_weights(impl_->executor); }

void Session::set_weights(const Weights& weights) {
  impl_->report = apply_weights(impl_->executor, rename_weights(impl_->program.impl().model.spec(), weights));
}

const WeightsReport& Session::report() const { return impl_->report; }

std::vector<StepTime> Session::profile(const std::map<std::string, Tensor>& inputs) {
  impl_->executor.forget_next();
  bind_inputs(*impl_, inputs, impl_->kept);
  std::vector<double> seconds;
  impl_->executor.run(true, &seconds);
  const Plan& plan = impl_->executor.plan();
  std::vector<StepTime> times;
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    const Step& step = plan.steps[s];
    if (step.phase == Phase::setup) continue;
    StepView view = plan.view(step);
    view.layouts_are_final = true;
    const Capability answer = impl_->store->backend().capability(view, impl_->program.impl().policy);
    const bool has_other = answer.kernel == step.kernel && answer.operations > 0;
    times.push_back({step.name, view.op->name, step.kernel, seconds[s], step.cost.flops,
                     has_other ? answer.operations : step.cost.flops, step.cost.bytes});
  }
  return times;
}

double Session::measure_peak() { return impl_->store->device().measure_peak(); }

std::int64_t Session::peak_bytes() const { return impl_->executor.peak_bytes(); }

}  // namespace fcngraph
