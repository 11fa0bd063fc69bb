// SPDX-License-Identifier: Apache-2.0
#include "null_backend.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace fcngraph::testing {
namespace {

bool applies(const NullBackend::Refusal& refusal, const StepView& step) {
  if (refusal.op != step.op->name) return false;
  const AttrMap attrs = step.attrs->to_map();
  return std::all_of(refusal.attrs.begin(), refusal.attrs.end(), [&](const auto& wanted) {
    const auto found = attrs.find(wanted.first);
    return found != attrs.end() && to_string(found->second) == wanted.second;
  });
}

class HostBuffer final : public Buffer {
 public:
  explicit HostBuffer(std::size_t size) : data_(size) {}
  std::byte* device_data() noexcept override { return data_.data(); }
  std::byte* host() noexcept override { return data_.data(); }
  std::size_t size() const noexcept override { return data_.size(); }

 private:
  std::vector<std::byte> data_;
};

class NullKernel final : public Kernel {
 public:
  NullKernel(std::string name, const NullBackend& backend) : name_(std::move(name)), backend_(backend) {}
  void launch(const LaunchArgs&) override {
    if (backend_.on_launch) backend_.on_launch(name_);
  }

 private:
  std::string name_;
  const NullBackend& backend_;
};

class NullDevice final : public Device {
 public:
  explicit NullDevice(const NullBackend& backend) : backend_(backend) {}
  std::unique_ptr<Buffer> allocate(std::size_t bytes) override { return std::make_unique<HostBuffer>(bytes); }
  void upload(std::byte* to, std::span<const std::byte> from) override { std::memcpy(to, from.data(), from.size()); }
  void download(std::span<std::byte> to, const std::byte* from) override { std::memcpy(to.data(), from, to.size()); }
  std::unique_ptr<Kernel> prepare(const StepView& step) override {
    return std::make_unique<NullKernel>(std::string(step.name), backend_);
  }
  void synchronize() override {}

 private:
  const NullBackend& backend_;
};

}  // namespace

Capability NullBackend::capability(const StepView& step, const KernelPolicy&) const {
  for (const Refusal& refusal : refusals) {
    if (applies(refusal, step)) return Capability::no("it was told to refuse this");
  }
  Capability answer;
  answer.supported = true;
  answer.kernel = "null";
  if (const auto bytes = workspaces.find(step.op->name); bytes != workspaces.end()) answer.workspace = bytes->second;
  answer.operands.resize(step.operands.size());
  answer.results.resize(step.results.size());
  const auto want = [&](const std::map<std::string, std::string>& tags, const TensorType* type, Layout& layout) {
    const auto tag = tags.find(step.op->name);
    if (tag == tags.end() || type == nullptr) return;
    layout = {tag->second, bytes_of({type->dtype, type->shape, {}})};
    answer.reason = "wants " + tag->second;
  };
  if (step.op->name == "reorder") return answer;
  if (step.operands.size() > 1) want(weight_layouts, step.operands[1], answer.operands[1]);
  if (!step.operands.empty()) want(layouts, step.operands[0], answer.operands[0]);
  want(layouts, step.results[0], answer.results[0]);
  return answer;
}

std::unique_ptr<Device> NullBackend::open(const DeviceOptions&) const { return std::make_unique<NullDevice>(*this); }

}  // namespace fcngraph::testing
