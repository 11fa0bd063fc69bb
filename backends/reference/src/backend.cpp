// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/reference/backend.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace fcngraph {
namespace {

class HostBuffer final : public Buffer {
 public:
  explicit HostBuffer(std::size_t size) : size_(size) {
    data_ = static_cast<std::byte*>(::operator new (size, std::align_val_t{64}, std::nothrow));
    if (data_ == nullptr)
      throw BackendError("reference", "no memory for " + human_bytes(static_cast<std::int64_t>(size)));
    std::memset(data_, 0, size);
  }
  ~HostBuffer() override { ::operator delete (data_, std::align_val_t{64}); }
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;
  std::byte* device_data() noexcept override { return data_; }
  std::byte* host() noexcept override { return data_; }
  std::size_t size() const noexcept override { return size_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_;
};

bool is_double(const StepView& step) {
  for (const auto* types : {&step.operands, &step.results}) {
    for (const TensorType* type : *types) {
      if (type != nullptr && is_floating(type->dtype)) return type->dtype == DType::f64;
    }
  }
  return false;
}

bool is_16_bit(const StepView& step) {
  for (const auto* types : {&step.operands, &step.results}) {
    for (const TensorType* type : *types) {
      if (type != nullptr && (type->dtype == DType::f16 || type->dtype == DType::bf16)) return true;
    }
  }
  return false;
}

/// A step with copies of what it needs: the view's types belong to the plan, which may move.
class ReferenceKernel final : public Kernel {
 public:
  explicit ReferenceKernel(const StepView& step)
      : attrs_(*step.attrs),
        rule_(is_double(step) ? step.op->reference_f64 : step.op->reference_f32),
        body_(step.body) {
    for (const TensorType* t : step.operands) operand_types_.push_back(t ? *t : TensorType{});
    for (const TensorType* t : step.results) result_types_.push_back(t ? *t : TensorType{});
    operands_.resize(operand_types_.size());
    results_.resize(result_types_.size());
  }

  void launch(const LaunchArgs& args) override {
    for (std::size_t i = 0; i < operands_.size(); ++i) operands_[i] = {&operand_types_[i], args.operands[i]};
    for (std::size_t r = 0; r < results_.size(); ++r) results_[r] = {&result_types_[r], args.results[r]};
    rule_({attrs_, operands_, results_, body_});
  }

 private:
  Attrs attrs_;
  ReferenceRule rule_;
  const Graph* body_;
  std::vector<TensorType> operand_types_, result_types_;
  std::vector<TensorView> operands_, results_;
};

class ReferenceDevice final : public Device {
 public:
  std::unique_ptr<Buffer> allocate(std::size_t bytes) override { return std::make_unique<HostBuffer>(bytes); }
  void upload(std::byte* to, std::span<const std::byte> from) override { std::copy(from.begin(), from.end(), to); }
  void download(std::span<std::byte> to, const std::byte* from) override { std::copy_n(from, to.size(), to.data()); }
  std::unique_ptr<Kernel> prepare(const StepView& step) override { return std::make_unique<ReferenceKernel>(step); }
  void synchronize() override {}
};

class ReferenceBackend final : public Backend {
 public:
  std::string_view name() const override { return "reference"; }
  Probe probe() const override { return {true, "plain loops in f32 and f64, one thread"}; }
  Capability capability(const StepView& step, const KernelPolicy&) const override {
    if (is_16_bit(step) && step.op->name != "cast")
      return Capability::no("its loops are in f32 and f64, not in f16 or bf16");
    if (!step.op->reference_f32 || (is_double(step) && !step.op->reference_f64))
      return Capability::no("op '" + step.op->name + "' has no reference loop");
    Capability answer;
    answer.supported = true;
    answer.kernel = "reference";
    answer.reason = "the only kernel of this backend";
    return answer;
  }
  std::unique_ptr<Device> open(const DeviceOptions&) const override { return std::make_unique<ReferenceDevice>(); }
};

}  // namespace

const Backend& reference_backend() {
  static const ReferenceBackend backend;
  return backend;
}

}  // namespace fcngraph
