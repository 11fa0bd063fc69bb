// SPDX-License-Identifier: Apache-2.0
#include "elementwise.h"
#include "kernel_def.h"
#include "layout.h"
#include "loop_kernel.h"
#include "parallel.h"

namespace fcngraph::onednn::kernels {
namespace {

/// The tag of the first operand that is not plain, where all operands' channels fill its blocks.
std::string common_tag(const StepView& step) {
  std::string tag;
  for (const TensorType* type : step.operands) {
    if (tag.empty()) tag = type->layout.tag;
  }
  for (const TensorType* type : step.operands) {
    if (!is_contiguous(in_tag(*type, tag), 0, type->shape[1])) return {};
  }
  return tag;
}

Capability capability(const StepView& step, const KernelPolicy&) {
  Capability answer = plain_capability(step, "loop", "each image's channels are copied in one piece");
  const std::string tag = common_tag(step);
  for (std::size_t i = 0; i < step.operands.size(); ++i) answer.operands[i] = in_tag(*step.operands[i], tag).layout;
  if (step.results[0] != nullptr) answer.results[0] = in_tag(*step.results[0], tag).layout;
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step, const DeviceContext&) {
  const Shape& y = step.results[0]->shape;
  const std::int64_t images = y[0], pixels = y[2] * y[3], channels = y[1];
  std::vector<std::int64_t> widths;
  for (const TensorType* type : step.operands) widths.push_back(type->shape[1]);
  return loop_kernel([=](const LaunchArgs& args) {
    const auto pieces = static_cast<std::int64_t>(widths.size());
    parallel_for(images * pieces, [&](std::int64_t task) {
      const std::int64_t image = task / pieces;
      const auto piece = static_cast<std::size_t>(task % pieces);
      std::int64_t first = 0;
      for (std::size_t i = 0; i < piece; ++i) first += widths[i];
      std::copy_n(input(args, piece) + image * widths[piece] * pixels, widths[piece] * pixels,
                  output(args, 0) + (image * channels + first) * pixels);
    });
  });
}

}  // namespace

const KernelDef& concat() {
  static const KernelDef def{"concat", capability, prepare};
  return def;
}

}  // namespace fcngraph::onednn::kernels
