// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/upsample.h>
#include <fcngraph/engine/ops/upsample_taps.h>

#include "operand_checks.h"
#include "upsample_cases.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  const Extent2 factor = c.attrs.as<UpsampleAttrs>().factor;
  if (!expect_features(c, 0)) return {};
  const auto& grad_y = c.operand(0);
  if (factor.h < 1 || factor.w < 1 || grad_y.shape[2] % factor.h != 0 || grad_y.shape[3] % factor.w != 0) {
    return refuse(c, "expected a gradient whose extents are multiples of " + extent_text(factor.h, factor.w) +
                         ", got " + to_string(grad_y));
  }
  return {
      plain(grad_y.dtype, {grad_y.shape[0], grad_y.shape[1], grad_y.shape[2] / factor.h, grad_y.shape[3] / factor.w})};
}

struct Reader {
  std::int64_t output;
  double weight;
};

/// For each input pixel along an axis the outputs that read it, in ascending order.
std::vector<std::vector<Reader>> readers(std::int64_t input, std::int64_t factor, Interpolation kind) {
  std::vector<std::vector<Reader>> out(static_cast<std::size_t>(input));
  std::int64_t d = 0;
  for (const UpsampleTap& tap : upsample_taps(input, factor, kind)) {
    if (tap.low == tap.high) {
      out[static_cast<std::size_t>(tap.low)].push_back({d, 1.0});
    } else {
      out[static_cast<std::size_t>(tap.low)].push_back({d, 1 - tap.fraction});
      if (tap.fraction > 0) out[static_cast<std::size_t>(tap.high)].push_back({d, tap.fraction});
    }
    ++d;
  }
  return out;
}

template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<UpsampleAttrs>();
  const auto& grad_y = args.operands[0];
  const auto rows = readers(args.results[0].dim(2), a.factor.h, a.kind);
  const auto columns = readers(args.results[0].dim(3), a.factor.w, a.kind);
  const T* plane = grad_y.as<T>();
  T* grad_x = args.results[0].as<T>();
  for (std::int64_t p = 0; p < grad_y.dim(0) * grad_y.dim(1); ++p, plane += grad_y.dim(2) * grad_y.dim(3)) {
    for (const auto& row : rows) {
      for (const auto& column : columns) {
        double sum = 0;
        for (const Reader& r : row) {
          for (const Reader& c : column) {
            sum += r.weight * c.weight * static_cast<double>(plane[r.output * grad_y.dim(3) + c.output]);
          }
        }
        *grad_x++ = static_cast<T>(sum);
      }
    }
  }
}

double flops(const Attrs& attrs, std::span<const TensorType* const> operands, std::span<const TensorType* const>) {
  // Bilinear: each output pixel has four readers; nearest: one addition each.
  const double each = attrs.as<UpsampleAttrs>().kind == Interpolation::bilinear ? 8.0 : 1.0;
  return each * static_cast<double>(operands[0]->shape.elements());
}

}  // namespace

const OpDef& upsample_grad() {
  static const OpDef def = OpBuilder<UpsampleAttrs>("upsample_grad", "Gradient of upsample.")
                               .input("grad_y")
                               .output("grad_x")
                               .infer(infer)
                               .flops(flops)
                               .reference(run<float>, run<double>)
                               .cases([] { return upsample_cases(true); })
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
