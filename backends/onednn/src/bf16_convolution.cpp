// SPDX-License-Identifier: Apache-2.0
#include "bf16_convolution.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fcngraph/engine/ops/conv2d.h>

#include "compat.h"
#include "conv2d_primitive.h"
#include "isa.h"
#include "layout.h"

namespace fcngraph::onednn {
namespace {

enum Operand : std::size_t { kX, kWeight };

// Fewer are filled up by oneDNN's kernels.
constexpr std::int64_t kFewestChannels = 16;
// Rounding a number to bf16 takes as long as so many multiply-adds in f32.
constexpr double kRounding = 32;

TensorType in_bf16(const TensorType& type, const std::string& tag) {
  TensorType out = type;
  out.dtype = DType::bf16;
  return in_tag(out, tag);
}

/// Of the two that rounding x once saves half of: the products that each of its numbers meets.
bool is_worth_it(const Conv2dAttrs& attrs, const Shape& x, const Shape& y) {
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  const double taps = number(attrs.kernel.h) * number(attrs.kernel.w);
  const double products =
      number(y[1] / attrs.groups) * taps * number(y[2]) * number(y[3]) / (number(x[2]) * number(x[3]));
  return x[1] / attrs.groups >= kFewestChannels && products / 2 > kRounding;
}

/// Where scratch memory begins, behind x in bf16: of rounding it, then of the convolution.
std::int64_t scratch_offset(const dnnl::memory::desc& x) {
  return (static_cast<std::int64_t>(x.get_size()) + 63) / 64 * 64;
}

class Bf16Convolution final : public Kernel {
 public:
  Bf16Convolution(std::unique_ptr<Kernel> round, std::unique_ptr<Kernel> convolve, std::int64_t scratch,
                  std::size_t operands)
      : round_(std::move(round)), convolve_(std::move(convolve)), scratch_(scratch), operands_(operands) {}

  void launch(const LaunchArgs& args) override {
    std::byte* const narrow = args.workspace;
    round_->launch({args.operands.subspan(kX, 1), {&narrow, 1}, args.workspace + scratch_});
    std::copy(args.operands.begin(), args.operands.end(), operands_.begin());
    operands_[kX] = narrow;
    convolve_->launch({operands_, args.results, args.workspace + scratch_});
  }

 private:
  std::unique_ptr<Kernel> round_, convolve_;
  std::int64_t scratch_;
  std::vector<std::byte*> operands_;
};

}  // namespace

std::optional<Capability> bf16_capability(const StepView& step, const KernelPolicy& policy) {
  if (policy.products != DType::bf16 || !has_bf16()) return std::nullopt;
  const auto& attrs = step.attrs->as<Conv2dAttrs>();
  const TensorType &x = *step.operands[kX], &y = *step.results[0];
  if (!is_worth_it(attrs, x.shape, y.shape)) return std::nullopt;
  const TensorType& weight = *step.operands[kWeight];
  if (step.layouts_are_final && !stores_bf16(weight.layout)) return std::nullopt;
  const TensorType x16 = in_bf16(x, x.layout.tag);
  TensorType weight16 = weight;
  if (!step.layouts_are_final) weight16.dtype = DType::bf16;
  const auto make = [&](const Ask& ask) {
    const auto memory = memory_for(ask, {&x16, &weight16, &y, attrs.groups});
    return conv2d_primitive(step, memory.src, memory.weights, memory.dst);
  };
  const auto layouts = negotiate(step, {x.layout.tag}, make, [&](const ConvolutionForward& pd) {
    return std::vector<Chosen>{{pd.src_desc(), &x16}, {pd.weights_desc(), &weight, attrs.groups}, {pd.dst_desc(), &y}};
  });
  if (!layouts) return std::nullopt;
  const TensorType lying = in_tag(x, (*layouts)[0].tag);
  const auto pd = conv2d_primitive(step, *desc_of(in_bf16(x, lying.layout.tag)),
                                   *desc_of(with_layout(weight, (*layouts)[1]), attrs.groups),
                                   *desc_of(with_layout(y, (*layouts)[2])));
  if (!pd || !is_fast(pd.impl_info_str())) return std::nullopt;
  const auto round = compat::reorder(cpu_engine(), *desc_of(lying), pd.src_desc());
  if (!round) return std::nullopt;
  Capability answer;
  answer.operands = {lying.layout, (*layouts)[1], {}, (*layouts)[2]};
  answer.operands.resize(step.operands.size());
  answer.results = {(*layouts)[2]};
  describe(answer, pd);
  answer.reason = "products of bf16";
  answer.workspace = scratch_offset(pd.src_desc()) + std::max(answer.workspace, scratch_bytes(round.scratchpad_desc()));
  return answer;
}

std::unique_ptr<Kernel> prepare_bf16(const StepView& step, const DeviceContext& context) {
  const std::int64_t groups = step.attrs->as<Conv2dAttrs>().groups;
  const TensorType& x = *step.operands[kX];
  if (!stores_bf16(step.operands[kWeight]->layout)) return nullptr;
  const auto lying = desc_of(x), weight = desc_of(*step.operands[kWeight], groups), y = desc_of(*step.results[0]);
  if (!lying || !weight || !y) return nullptr;
  const auto narrow = desc_of(in_bf16(x, x.layout.tag));
  const auto pd = conv2d_primitive(step, *narrow, *weight, *y);
  const auto round = compat::reorder(cpu_engine(), *lying, *narrow);
  if (!pd || !round) return nullptr;
  auto rounds = std::make_unique<PrimitiveKernel>(context, dnnl::reorder(round), round.scratchpad_desc());
  rounds->operand(DNNL_ARG_FROM, kX, *lying).result(DNNL_ARG_TO, 0, *narrow);
  return std::make_unique<Bf16Convolution>(std::move(rounds), conv2d_kernel(step, context, pd), scratch_offset(*narrow),
                                           step.operands.size());
}

}  // namespace fcngraph::onednn
