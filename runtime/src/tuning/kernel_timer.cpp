// SPDX-License-Identifier: Apache-2.0
#include "kernel_timer.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include <fcngraph/engine/half.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/pool2d.h>
#include <fcngraph/engine/ops/reorder.h>
#include <fcngraph/engine/random.h>

namespace fcngraph {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPattern = std::size_t{1} << 16;  // numbers, repeated

/// Numbers in [-1, 1) of the type, over and over; zeros for types that are none of a convolution's.
void fill(std::span<std::byte> to, DType type) {
  static const std::vector<float> numbers = [] {
    std::vector<float> out(kPattern);
    for (std::size_t i = 0; i < kPattern; ++i) out[i] = static_cast<float>(2 * random_uniform(1, i) - 1);
    return out;
  }();
  if (type != DType::f32 && type != DType::f16 && type != DType::bf16) return;
  std::vector<std::byte> pattern(kPattern * size_of(type));
  for (std::size_t i = 0; i < kPattern; ++i) {
    if (type == DType::f32) {
      std::memcpy(pattern.data() + 4 * i, &numbers[i], 4);
    } else {
      const std::uint16_t bits = type == DType::f16 ? float_to_half(numbers[i]) : float_to_bfloat(numbers[i]);
      std::memcpy(pattern.data() + 2 * i, &bits, 2);
    }
  }
  for (std::size_t at = 0; at < to.size(); at += pattern.size())
    std::memcpy(to.data() + at, pattern.data(), std::min(pattern.size(), to.size() - at));
}

/// What oneself would write for a convolution that pools: the convolution, and the pooling.
std::pair<LoneStep, LoneStep> apart(const LoneStep& step) {
  std::pair<LoneStep, LoneStep> out{step, step};
  auto conv = step.attrs.as<Conv2dAttrs>();
  conv.epilogue = Epilogue::relu;
  out.first.attrs = conv;
  const Shape& x = step.operands[0]->type.shape;
  const Extent2 sums = window_output(conv.window(), x[2], x[3]);
  out.first.result.shape = {x[0], conv.filters, sums.h, sums.w};
  out.first.result.layout = {};
  out.second.op = &ops::max_pool2d();
  out.second.attrs = MaxPool2dAttrs{};
  out.second.operands = {LoneStep::Operand{out.first.result, false}};
  return out;
}

bool pools(const LoneStep& step) {
  return step.op == &ops::conv2d() && step.attrs.as<Conv2dAttrs>().epilogue == Epilogue::relu_max_pool;
}

/// Whose sum nobody looks at, so that reading is all that it does.
std::uint64_t read_all(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 64) sum += static_cast<std::uint64_t>(bytes[i]);
  return sum;
}

}  // namespace

StepView LoneStep::view() const {
  StepView out{name, op, &attrs, {}, {&result}};
  for (const auto& operand : operands) out.operands.push_back(operand ? &operand->type : nullptr);
  return out;
}

KernelTimer::KernelTimer(const Backend& backend, KernelPolicy policy)
    : backend_(backend), policy_(std::move(policy)), device_(backend.open({policy_})) {}

std::unique_ptr<KernelTimer> KernelTimer::make(const Backend& backend, const KernelPolicy& policy,
                                               const LoneStep& step) {
  std::unique_ptr<KernelTimer> timer(new KernelTimer(backend, policy));
  return timer->prepare(step) ? std::move(timer) : nullptr;
}

bool KernelTimer::prepare(const LoneStep& step) {
  if (add(step, nullptr)) return true;
  if (!pools(step)) return false;
  const auto [conv, pool] = apart(step);
  const auto sums = add(conv, nullptr);
  return sums && add(pool, &*sums);
}

Buffer& KernelTimer::allocate(std::int64_t bytes) {
  return *buffers_.emplace_back(device_->allocate(static_cast<std::size_t>(bytes)));
}

Buffer& KernelTimer::filled(const TensorType& type) {
  Buffer& buffer = allocate(bytes_of(type));
  std::vector<std::byte> numbers(buffer.size());
  fill(numbers, type.dtype);
  device_->upload(buffer.device_data(), numbers);
  return buffer;
}

double KernelTimer::time(Launch& launch) {
  const auto begin = Clock::now();
  device_->begin_run();
  launch.kernel->launch({launch.operands, launch.results, launch.workspace});
  device_->synchronize();
  device_->end_run();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Buffer* KernelTimer::packed(const TensorType& from, const TensorType& to) {
  const Attrs attrs = NoAttrs{};
  const StepView view{"pack", &ops::reorder(), &attrs, {&from}, {&to}};
  const Capability answer = backend_.capability(view, policy_);
  if (!answer.supported) return nullptr;
  const std::size_t kept = buffers_.size();
  Buffer& target = allocate(bytes_of(to));
  Launch launch{device_->prepare(view), {filled(from).device_data()}, {target.device_data()}};
  if (answer.workspace > 0) launch.workspace = allocate(answer.workspace).device_data();
  const double first = time(launch);  // which finds no memory behind its addresses yet
  pack_seconds_ += std::min(first, time(launch));
  buffers_.resize(kept + 1);
  return &target;
}

std::optional<KernelTimer::Lying> KernelTimer::add(const LoneStep& step, const Lying* first) {
  LoneStep lying = step;
  if (first != nullptr) lying.operands[0]->type = first->type;
  const Capability answer = backend_.capability(lying.view(), policy_);
  if (!answer.supported) return std::nullopt;
  for (std::size_t i = 0; i < lying.operands.size(); ++i) {
    if (!lying.operands[i]) continue;
    Layout wanted = i < answer.operands.size() ? answer.operands[i] : Layout{};
    if (i == 0 && first != nullptr && wanted != first->type.layout) return std::nullopt;
    lying.operands[i]->type.layout = std::move(wanted);
  }
  if (!answer.results.empty()) lying.result.layout = answer.results[0];
  Launch launch;
  for (std::size_t i = 0; i < lying.operands.size(); ++i) {
    Buffer* buffer = nullptr;
    if (i == 0 && first != nullptr) {
      buffer = first->buffer;
    } else if (lying.operands[i]) {
      const TensorType &offered = step.operands[i]->type, &wanted = lying.operands[i]->type;
      const bool packs = step.operands[i]->is_weight && offered.layout != wanted.layout;
      buffer = packs ? packed(offered, wanted) : &filled(wanted);
      if (buffer == nullptr) return std::nullopt;
    }
    if (i == 0 && first == nullptr) read_first_ = buffer;
    launch.operands.push_back(buffer != nullptr ? buffer->device_data() : nullptr);
  }
  Buffer& result = allocate(bytes_of(lying.result));
  launch.results = {result.device_data()};
  if (answer.workspace > 0) launch.workspace = allocate(answer.workspace).device_data();
  StepView view = lying.view();
  view.layouts_are_final = true;
  launch.kernel = device_->prepare(view);
  launches_.push_back(std::move(launch));
  kernel_ += (kernel_.empty() ? "" : ", ") + answer.kernel;
  return Lying{lying.result, &result};
}

double KernelTimer::run(std::span<std::byte> memory) {
  std::memset(memory.data(), 0, memory.size());
  if (read_first_->host() != nullptr) {
    volatile std::uint64_t sum = read_all({read_first_->host(), read_first_->size()});
    (void)sum;
  }
  double seconds = 0;
  for (Launch& launch : launches_) seconds += time(launch);
  return seconds;
}

}  // namespace fcngraph
