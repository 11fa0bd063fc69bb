// SPDX-License-Identifier: Apache-2.0
#include "step_runner.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>

#include <fcngraph/engine/half.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/reorder.h>
#include <fcngraph/engine/random.h>

namespace fcngraph::testing {
namespace {

double read(const HostTensor& tensor, std::int64_t i) {
  switch (tensor.type.dtype) {
    case DType::f32:
      return static_cast<double>(tensor.as<float>()[i]);
    case DType::f64:
      return tensor.as<double>()[i];
    case DType::f16:
      return static_cast<double>(half_to_float(tensor.as<std::uint16_t>()[i]));
    case DType::bf16:
      return static_cast<double>(bfloat_to_float(tensor.as<std::uint16_t>()[i]));
    case DType::i32:
      return tensor.as<std::int32_t>()[i];
    case DType::i64:
      return static_cast<double>(tensor.as<std::int64_t>()[i]);
    case DType::u8:
      return tensor.as<std::uint8_t>()[i];
    default:
      throw std::logic_error("a test does not read " + std::string(name_of(tensor.type.dtype)));
  }
}

void write(HostTensor& tensor, std::int64_t i, double value) {
  switch (tensor.type.dtype) {
    case DType::f32:
      tensor.as<float>()[i] = static_cast<float>(value);
      break;
    case DType::f64:
      tensor.as<double>()[i] = static_cast<double>(static_cast<float>(value));
      break;
    case DType::f16:
      tensor.as<std::uint16_t>()[i] = float_to_half(static_cast<float>(value));
      break;
    case DType::bf16:
      tensor.as<std::uint16_t>()[i] = float_to_bfloat(static_cast<float>(value));
      break;
    case DType::i32:
      tensor.as<std::int32_t>()[i] = static_cast<std::int32_t>(value);
      break;
    case DType::i64:
      tensor.as<std::int64_t>()[i] = static_cast<std::int64_t>(value);
      break;
    case DType::u8:
      tensor.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(value);
      break;
    default:
      throw std::logic_error("a test does not write " + std::string(name_of(tensor.type.dtype)));
  }
}

std::vector<TensorType> infer_results(const Problem& problem) {
  std::vector<const TensorType*> operands;
  for (std::size_t i = 0; i < problem.operands.size(); ++i) {
    operands.push_back(problem.present[i] ? &problem.operands[i].type : nullptr);
  }
  Diagnostics diagnostics;
  const SourceSpan nowhere;
  const std::string name = "case";
  auto types = problem.op->infer({problem.attrs, operands, problem.body, name, nowhere, diagnostics});
  if (types.empty())
    throw std::logic_error("case of '" + problem.op->name + "' does not fit: " + render(diagnostics.all()));
  return types;
}

HostTensor converted(const HostTensor& tensor, DType to) {
  TensorType type = tensor.type;
  type.dtype = to;
  HostTensor out = HostTensor::zeros(type);
  for (std::int64_t i = 0; i < type.shape.elements(); ++i) write(out, i, read(tensor, i));
  return out;
}

/// A buffer between two rows of sentinels, in the device's memory, which the host may not see.
class Guarded {
 public:
  Guarded(Device& device, std::size_t bytes)
      : device_(device), bytes_(bytes), buffer_(device.allocate(bytes + 2 * kGuard)) {
    device_.upload(buffer_->device_data(), std::vector(bytes + 2 * kGuard, std::byte{kSentinel}));
    fill(std::byte{0});
  }
  std::byte* data() { return buffer_->device_data() + kGuard; }
  void fill(std::byte value) { device_.upload(data(), std::vector(bytes_, value)); }
  std::vector<std::byte> contents() { return at(data()); }
  /// As many bytes from there on.
  std::vector<std::byte> at(const std::byte* address) {
    std::vector<std::byte> out(bytes_);
    device_.download(out, address);
    return out;
  }
  void check(const std::string& what) {
    std::vector<std::byte> all(bytes_ + 2 * kGuard);
    device_.download(all, buffer_->device_data());
    for (std::size_t i = 0; i < kGuard; ++i) {
      if (all[i] != std::byte{kSentinel} || all[kGuard + bytes_ + i] != std::byte{kSentinel}) {
        throw std::logic_error("a kernel wrote outside of " + what);
      }
    }
  }

 private:
  static constexpr std::size_t kGuard = 256;
  static constexpr unsigned char kSentinel = 0xA5;
  Device& device_;
  std::size_t bytes_;
  std::unique_ptr<Buffer> buffer_;
};

}  // namespace

Problem make_problem(const OpDef& op, const OpCase& one, std::uint64_t seed) {
  Problem problem{&op, one.attrs, {}, {}, {}};
  for (std::size_t i = 0; i < one.operands.size(); ++i) {
    problem.present.push_back(one.absent.empty() || !one.absent[i]);
    problem.operands.push_back(problem.present[i] ? HostTensor::zeros(one.operands[i]) : HostTensor{});
    if (!problem.present[i]) continue;
    HostTensor& tensor = problem.operands[i];
    const std::uint64_t key = random_key(random_key(seed, op.name + "." + one.name), i);
    for (std::int64_t e = 0; e < tensor.type.shape.elements(); ++e) {
      const auto counter = static_cast<std::uint64_t>(e);
      const double value =
          is_floating(tensor.type.dtype)
              ? one.low + (one.high - one.low) * random_uniform(key, counter)
              : static_cast<double>(random_below(key, counter, static_cast<std::uint64_t>(one.classes)));
      write(tensor, e, value);
    }
  }
  problem.results = infer_results(problem);
  return problem;
}

Problem in_double(const Problem& problem) {
  Problem twin = problem;
  for (std::size_t i = 0; i < twin.operands.size(); ++i) {
    if (twin.present[i] && is_floating(twin.operands[i].type.dtype) && twin.operands[i].type.dtype != DType::f64)
      twin.operands[i] = converted(twin.operands[i], DType::f64);
  }
  // Some operands stay f32 whatever the graph's precision is, and an op says so by its shape rule.
  twin.results = infer_results(twin);
  return twin;
}

Problem stored_as(const Problem& problem, DType storage) {
  Problem twin = problem;
  for (std::size_t i = 0; i < twin.operands.size(); ++i) {
    if (twin.present[i] && twin.operands[i].type.dtype == DType::f32)
      twin.operands[i] = converted(twin.operands[i], storage);
  }
  twin.results = infer_results(twin);
  return twin;
}

std::vector<HostTensor> run_reference(const Problem& problem) {
  std::vector<HostTensor> operands = problem.operands, results;
  for (const TensorType& type : problem.results) results.push_back(HostTensor::zeros(type));
  std::vector<TensorView> in, out;
  bool wide = false;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    in.push_back({&operands[i].type, problem.present[i] ? operands[i].data.data() : nullptr});
    wide = wide || (problem.present[i] && operands[i].type.dtype == DType::f64);
  }
  for (HostTensor& result : results) out.push_back({&result.type, result.data.data()});
  (wide ? problem.op->reference_f64 : problem.op->reference_f32)({problem.attrs, in, out, problem.body});
  return results;
}

bool has_layouts(const Backend& backend) {
  const TensorType x{DType::f32, {2, 32, 8, 8}, {}}, weight{DType::f32, {32, 32, 3, 3}, {}};
  const Attrs attrs = Conv2dAttrs{.filters = 32, .kernel = {3, 3}};
  const StepView view{"convolution", &ops::conv2d(), &attrs, {&x, &weight}, {&x}, nullptr};
  const Capability answer = backend.capability(view, {});
  return answer.supported && !answer.results.empty() && !answer.results[0].is_plain();
}

bool knows_layout(const Backend& backend, const std::string& tag) {
  const TensorType plain{DType::f32, {2, 32, 8, 8}, {}};
  TensorType other = plain;
  other.layout = layout_in(tag, plain);
  const Attrs attrs = NoAttrs{};
  const StepView view{"reorder", &ops::reorder(), &attrs, {&plain}, {&other}, nullptr};
  return backend.capability(view, {}).supported;
}

Layout layout_in(const std::string& tag, const TensorType& type) {
  if (tag.empty() || type.shape.rank() != 4 || !is_floating(type.dtype)) return {};
  const std::int64_t block = tag == "aBcd16b" ? 16 : tag == "aBcd8b" ? 8 : 1;
  const Shape& s = type.shape;
  return {tag,
          s[0] * ((s[1] + block - 1) / block * block) * s[2] * s[3] * static_cast<std::int64_t>(size_of(type.dtype))};
}

std::vector<std::byte> reordered(const Backend& backend, Device& device, const std::vector<std::byte>& data,
                                 const TensorType& from, const TensorType& to) {
  if (from.layout == to.layout) return data;
  const Attrs attrs = NoAttrs{};
  const StepView view{"reorder", &ops::reorder(), &attrs, {&from}, {&to}, nullptr};
  const Capability answer = backend.capability(view, {});
  if (!answer.supported) throw std::logic_error("no reorder: " + answer.reason);
  Guarded in(device, data.size()), out(device, static_cast<std::size_t>(bytes_of(to)));
  Guarded workspace(device, static_cast<std::size_t>(answer.workspace));
  device.upload(in.data(), data);
  std::byte* const operands[] = {in.data()};
  std::byte* const results[] = {out.data()};
  device.prepare(view)->launch({operands, results, workspace.data()});
  out.check("the result of a reorder");
  return out.contents();
}

Outcome run_on(const Backend& backend, const Problem& problem, const RunOptions& options) {
  KernelPolicy policy;
  policy.threads = options.threads;
  policy.kernels = options.kernels;
  policy.storage = options.storage;
  policy.products = options.products;
  policy.times = options.times;
  std::vector<TensorType> operand_types, result_types = problem.results;
  for (const HostTensor& operand : problem.operands) operand_types.push_back(operand.type);
  for (std::size_t i = 0; i < operand_types.size(); ++i) {
    if (problem.present[i]) operand_types[i].layout = layout_in(options.offered_tag, operand_types[i]);
  }
  StepView view{"step under test", problem.op, &problem.attrs, {}, {}, problem.body};
  for (std::size_t i = 0; i < operand_types.size(); ++i)
    view.operands.push_back(problem.present[i] ? &operand_types[i] : nullptr);
  const std::size_t wanted = std::min(problem.wanted, result_types.size());
  for (std::size_t r = 0; r < result_types.size(); ++r) view.results.push_back(r < wanted ? &result_types[r] : nullptr);

  Outcome outcome{backend.capability(view, policy), {}};
  const Capability& answer = outcome.answer;
  if (!answer.supported) return outcome;
  for (std::size_t i = 0; i < operand_types.size(); ++i)
    operand_types[i].layout = i < answer.operands.size() ? answer.operands[i] : Layout{};
  for (std::size_t i = 0; i < result_types.size(); ++i)
    result_types[i].layout = i < answer.results.size() ? answer.results[i] : Layout{};

  const auto device = backend.open({policy});
  std::vector<std::unique_ptr<Guarded>> in, out;
  std::vector<std::byte*> operands, results;
  std::vector<std::vector<std::byte>> values;
  for (std::size_t i = 0; i < operand_types.size(); ++i) {
    in.push_back(problem.present[i]
                     ? std::make_unique<Guarded>(*device, static_cast<std::size_t>(bytes_of(operand_types[i])))
                     : nullptr);
    operands.push_back(in[i] ? in[i]->data() : nullptr);
    values.push_back(
        in[i] ? reordered(backend, *device, problem.operands[i].data, problem.operands[i].type, operand_types[i])
              : std::vector<std::byte>{});
  }
  for (std::size_t r = 0; r < result_types.size(); ++r) {
    out.push_back(r < wanted ? std::make_unique<Guarded>(*device, static_cast<std::size_t>(bytes_of(result_types[r])))
                             : nullptr);
    results.push_back(out[r] ? out[r]->data() : nullptr);
  }
  for (const StateUpdate& update : problem.op->updates) {
    if (update.result < results.size()) results[update.result] = operands[update.operand];
  }
  if (options.in_place && operand_types[0].layout == result_types[0].layout) results[0] = operands[0];
  Guarded workspace(*device, static_cast<std::size_t>(answer.workspace));
  const auto kernel = device->prepare(view);
  std::vector<std::vector<std::byte>> first;
  for (int launch = 0; launch < 2; ++launch) {
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (in[i]) device->upload(in[i]->data(), values[i]);
    }
    // What an earlier step left in scratch memory must not matter.
    workspace.fill(launch == 0 ? std::byte{0x00} : std::byte{0xFF});
    device->begin_run();
    kernel->launch({operands, results, workspace.data()});
    device->synchronize();
    device->end_run();
    for (std::size_t r = 0; r < wanted; ++r) {
      auto bytes = out[r]->at(results[r]);
      if (launch == 0)
        first.push_back(std::move(bytes));
      else if (bytes != first[r])
        throw std::logic_error("a second launch of '" + problem.op->name + "' gave other bits");
    }
  }
  for (auto& buffer : in)
    if (buffer) buffer->check("an operand");
  for (auto& buffer : out)
    if (buffer) buffer->check("a result");
  workspace.check("its workspace");
  for (std::size_t r = 0; r < wanted; ++r) {
    outcome.results.push_back(
        {problem.results[r], reordered(backend, *device, first[r], result_types[r], problem.results[r])});
  }
  return outcome;
}

double worst_error(const HostTensor& got, const HostTensor& want) {
  const std::int64_t n = want.type.shape.elements();
  double squares = 0;
  for (std::int64_t i = 0; i < n; ++i) squares += read(want, i) * read(want, i);
  const double rms = std::sqrt(squares / static_cast<double>(std::max<std::int64_t>(n, 1)));
  double worst = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const double a = read(got, i), b = read(want, i);
    if (std::isnan(a) != std::isnan(b)) return std::numeric_limits<double>::infinity();
    const double difference = std::abs(a - b);
    if (difference > 0) worst = std::max(worst, difference / std::max(std::abs(b), rms));
  }
  return worst;
}

}  // namespace fcngraph::testing
