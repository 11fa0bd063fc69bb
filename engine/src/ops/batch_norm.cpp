// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/batch_norm.h>

#include <cmath>

#include "batch_norm_rules.h"
#include "flops_per_element.h"

namespace fcngraph::ops {
namespace {

enum Result : std::size_t { kY, kNewMean, kNewVariance, kSavedMean, kSavedInvStd };

std::vector<TensorType> infer(const InferContext& c) {
  if (!batch_norm_fits(c)) return {};
  const TensorType& x = c.operand(kX);
  const TensorType channel{x.dtype, Shape{x.shape[1]}, {}};
  return {{x.dtype, x.shape, {}}, channel, channel, channel, channel};
}

void gradient(GradientContext& g) {
  if (!g.grad(kY).valid()) return;  // the statistics are no function that one trains through
  const auto grads =
      g.emit_all(batch_norm_grad(), "grad", NoAttrs{},
                 {g.grad(kY), g.operand(kX), g.operand(kGamma), g.result(kSavedMean), g.result(kSavedInvStd)});
  for (const std::size_t i : {kX, kGamma, kBeta}) {
    if (g.needs(i)) g.set(i, grads[i]);
  }
}

struct Moments {
  double mean = 0, variance = 0;
};

// Two passes: the difference of two large sums would lose a small variance.
template <class T>
Moments moments(const Shape& shape, std::int64_t channel, const T* x) {
  const double count = static_cast<double>(shape[0] * shape[2] * shape[3]);
  Moments m;
  for_each_in_channel(shape, channel, [&](std::int64_t i) { m.mean += static_cast<double>(x[i]); });
  m.mean /= count;
  for_each_in_channel(shape, channel, [&](std::int64_t i) {
    const double d = static_cast<double>(x[i]) - m.mean;
    m.variance += d * d;
  });
  m.variance /= count;
  return m;
}

template <class T>
void put(const TensorView& view, std::int64_t i, double value) {
  if (view.present()) view.as<T>()[i] = static_cast<T>(value);
}

// y may lie where x does, and the new statistics where the old ones do: a channel is read in full before it is written.
template <class T>
void run(const ReferenceArgs& args) {
  const auto& a = args.attrs.as<BatchNormAttrs>();
  const Shape& shape = args.operands[kX].type->shape;
  const T* x = args.operands[kX].as<T>();
  const auto blend = [&](T moving, double batch) {
    return static_cast<double>(moving) * a.momentum + batch * (1 - a.momentum);
  };
  for (std::int64_t c = 0; c < shape[1]; ++c) {
    const Moments m = moments(shape, c, x);
    const double inv_std = 1 / std::sqrt(m.variance + a.epsilon);
    const double gamma = static_cast<double>(args.operands[kGamma].as<T>()[c]);
    const double beta = static_cast<double>(args.operands[kBeta].as<T>()[c]);
    put<T>(args.results[kNewMean], c, blend(args.operands[kMean].as<T>()[c], m.mean));
    put<T>(args.results[kNewVariance], c, blend(args.operands[kVariance].as<T>()[c], m.variance));
    put<T>(args.results[kSavedMean], c, m.mean);
    put<T>(args.results[kSavedInvStd], c, inv_std);
    if (!args.results[kY].present()) continue;
    T* y = args.results[kY].as<T>();
    for_each_in_channel(shape, c, [&](std::int64_t i) {
      y[i] = static_cast<T>((static_cast<double>(x[i]) - m.mean) * inv_std * gamma + beta);
    });
  }
}

}  // namespace

const OpDef& batch_norm() {
  static const OpDef def =
      OpBuilder<BatchNormAttrs>("batch_norm", "Each channel brought to mean 0 and variance 1, then scaled and shifted.")
          .input("x")
          .parameter("gamma")
          .parameter("beta")
          .state("mean")
          .state("variance")
          .output("y")
          .output("new_mean")
          .output("new_variance")
          .output("saved_mean")
          .output("saved_inv_std")
          .updates(kNewMean, kMean)
          .updates(kNewVariance, kVariance)
          .infer(infer)
          .parameters(batch_norm_parameters)
          .gradient(gradient)
          .flops(flops_per_element(8))
          .coord_map([](const Attrs&, auto) { return CoordMap{}; })
          .reference(run<float>, run<double>)
          .cases([] { return batch_norm_cases(-1.0, 1.0); })
          .in_place()
          .build();
  return def;
}

}  // namespace fcngraph::ops
