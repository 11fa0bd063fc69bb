// SPDX-License-Identifier: Apache-2.0
#include "kernel.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include <fcngraph/engine/ops/conv2d.h>

#include "../isa.h"
#include "../layout.h"
#include "../loop_kernel.h"
#include "layer.h"
#include "transform.h"
#include "weights.h"

namespace fcngraph::onednn::fourier {
namespace {

enum Operand : std::size_t { kX, kWeight, kBias };

// Faster by less than this, it is not worth another order of sums.
constexpr double kGain = 0.85;
// Of the rate that oneDNN's direct convolution reaches.
constexpr double kEfficiency = 0.8;
// To stream a weight from memory, however few images it meets: it is hidden behind as many multiply-adds.
constexpr double kStream = 24;

const Loops& loops_in_use() {
  switch (isa_in_use()) {
#if defined(__x86_64__)
    case Isa::avx512:
      return avx512_loops();
    case Isa::avx2:
      return avx2_loops();
#endif
    default:
      return scalar_loops();
  }
}

/// The tables of a layer, and the layer that refers to them.
class Tables {
 public:
  Tables(const StepView& step, const TensorType& x, const TensorType& y, const Loops& loops)
      : pads_(resolve_pads(step.attrs->as<Conv2dAttrs>().window(), x.shape[2], x.shape[3])),
        frequencies_(periods({x.shape[2], x.shape[3]}, pads_)),
        in_across_(waves(period().w, frequencies_.across, x.shape[3], pads_.left)),
        in_down_(waves(period().h, period().h, x.shape[2], pads_.top)),
        out_across_(waves(period().w, frequencies_.across, y.shape[3], 0)),
        out_down_(waves(period().h, period().h, y.shape[2], 0)) {
    for (std::int64_t a = 0; a < frequencies_.across; ++a) {
      const bool whole = frequencies_.down(a) == period().h && !(a == 0 || 2 * a == period().w);
      down_.push_back(frequencies_.down(a));
      across_factor_.push_back((whole ? 2.0f : 1.0f) / static_cast<float>(period().h * period().w));
      for (std::int64_t d = 0; d < down_.back(); ++d)
        down_factor_.push_back(whole || d == 0 || 2 * d == period().h ? 1.0f : 2.0f);
    }
    const Shape& weight = step.operands[kWeight]->shape;
    layer_.x = blocked_image(x);
    layer_.y = blocked_image(y);
    layer_.images = x.shape[0];
    layer_.frequencies = frequencies_.total;
    layer_.across = frequencies_.across;
    layer_.panels = weight_panels(weight[0], loops.lanes);
    layer_.weight_channels = fourier::weight_channels(weight[1]);
    layer_.out_channels = weight[0];
    layer_.relu = step.attrs->as<Conv2dAttrs>().epilogue == Epilogue::relu;
  }

  Extent2 period() const { return frequencies_.period; }

  Layer layer() const {
    const auto table = [](const Waves& w) { return WaveTable{w.cosine.data(), w.sine.data()}; };
    Layer layer = layer_;
    layer.down = down_.data();
    layer.down_factor = down_factor_.data();
    layer.across_factor = across_factor_.data();
    layer.in_across = table(in_across_);
    layer.in_down = table(in_down_);
    layer.out_across = table(out_across_);
    layer.out_down = table(out_down_);
    return layer;
  }

 private:
  Pads pads_;
  Frequencies frequencies_;
  Waves in_across_, in_down_, out_across_, out_down_;
  std::vector<std::int64_t> down_;
  std::vector<float> down_factor_, across_factor_;
  Layer layer_;
};

bool has_form(const StepView& step) {
  const auto& a = step.attrs->as<Conv2dAttrs>();
  const Extent2 one{1, 1};
  const bool plain = a.epilogue == Epilogue::none || a.epilogue == Epilogue::relu;
  if (!plain || a.stride != one || a.dilation != one || a.groups != 1 || a.kernel.h < 2 || a.kernel.w < 2) return false;
  const Shape& x = step.operands[kX]->shape;
  const Extent2 period = periods({x[2], x[3]}, resolve_pads(a.window(), x[2], x[3]));
  return std::max(period.h, period.w) <= kLongest && std::max(a.kernel.h, a.kernel.w) <= kLongest &&
         a.kernel.h <= period.h && a.kernel.w <= period.w;
}

/// Numbers of the spectra.
std::int64_t x_numbers(const Layer& layer) { return layer.frequencies * layer.images * layer.x.channels * 2; }
std::int64_t y_numbers(const Layer& layer, const Loops& loops) {
  return layer.frequencies * layer.images * layer.panels * loops.lanes * 2;
}

/// The share of the direct time that it is expected to take, both counted in multiply-adds at full rate.
double share_of_direct(const StepView& step, const Layer& layer) {
  const auto& a = step.attrs->as<Conv2dAttrs>();
  const auto as_double = [](std::int64_t n) { return static_cast<double>(n); };
  const double images = as_double(layer.images), frequencies = as_double(layer.frequencies);
  const double taps = as_double(a.kernel.h * a.kernel.w), pixels = as_double(layer.y.height * layer.y.width);
  const double direct = taps * std::max(images * pixels, kStream);
  return frequencies * std::max(4 * images / kEfficiency, 2 * kStream) / direct;
}

}  // namespace

std::optional<Capability> capability(const StepView& step, const KernelPolicy& policy) {
  const Loops& loops = loops_in_use();
  if (policy.exact || policy.kernels == "onednn" || policy.kernels == "winograd" || !has_form(step))
    return std::nullopt;
  const std::string tag = vector_tag(*step.operands[kX], *step.results[0], loops.lanes);
  const TensorType x = in_tag(*step.operands[kX], tag), y = in_tag(*step.results[0], tag);
  const Tables tables(step, x, y, loops);
  const Layer layer = tables.layer();
  const Layout packed = weight_layout(*step.operands[kWeight], {tables.period(), loops.lanes});
  if (step.layouts_are_final && step.operands[kWeight]->layout != packed) return std::nullopt;
  const double share = share_of_direct(step, layer);
  const bool trains = kWeight < step.trained.size() && step.trained[kWeight];
  if (!step.layouts_are_final && policy.kernels != "fourier" && (trains || share > kGain)) return std::nullopt;

  std::array<char, 96> reason{};
  std::snprintf(reason.data(), reason.size(), "as spectra it is expected to take %.2f of the direct time", share);
  Capability answer;
  answer.supported = true;
  answer.kernel = std::string("fourier:") + loops.name;
  answer.reason = reason.data();
  answer.operands = {x.layout, packed};
  answer.operands.resize(step.operands.size());
  answer.results = {y.layout};
  answer.workspace = (x_numbers(layer) + y_numbers(layer, loops)) * static_cast<std::int64_t>(sizeof(float));
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step) {
  const Loops& loops = loops_in_use();
  const TensorType &x = *step.operands[kX], &y = *step.results[0];
  const auto packing = packing_of(step.operands[kWeight]->layout);
  if (!packing || packing->lanes != loops.lanes || !has_form(step)) return nullptr;
  if (!lies_in_vectors(x, loops.lanes) || !lies_in_vectors(y, loops.lanes)) return nullptr;
  auto tables = std::make_shared<const Tables>(step, x, y, loops);
  if (packing->period != tables->period()) return nullptr;
  const bool has_bias = step.operands.size() > kBias;
  return loop_kernel([tables, &loops, has_bias, threads = omp_get_max_threads()](const LaunchArgs& args) {
    const Layer layer = tables->layer();
    Tensors tensors{input(args, kX), input(args, kWeight), has_bias ? input(args, kBias) : nullptr, output(args, 0)};
    tensors.x_spectrum = reinterpret_cast<float*>(args.workspace);
    tensors.y_spectrum = tensors.x_spectrum + x_numbers(layer);
    const std::int64_t vectors = layer.images * layer.x.channels / loops.lanes;
    const std::int64_t products = layer.frequencies * layer.panels, results = layer.images * layer.panels;
#pragma omp parallel num_threads(threads)
    {
      const std::int64_t thread = omp_get_thread_num(), team = omp_get_num_threads();
      const auto share = [&](std::int64_t items, std::int64_t i) { return items * i / team; };
      loops.transform_input(layer, tensors, share(vectors, thread), share(vectors, thread + 1));
#pragma omp barrier
      loops.multiply(layer, tensors, share(products, thread), share(products, thread + 1));
#pragma omp barrier
      loops.transform_output(layer, tensors, share(results, thread), share(results, thread + 1));
    }
  });
}

std::optional<Capability> pack_capability(const StepView& step) {
  const TensorType &from = *step.operands[0], &to = *step.results[0];
  if (!packing_of(to.layout) || !from.layout.is_plain()) return std::nullopt;
  Capability answer;
  answer.supported = true;
  answer.kernel = "fourier:pack";
  answer.operands = {from.layout};
  answer.results = {to.layout};
  return answer;
}

std::unique_ptr<Kernel> prepare_pack(const StepView& step) {
  const TensorType& from = *step.operands[0];
  const auto packing = packing_of(step.results[0]->layout);
  if (!packing || !from.layout.is_plain()) return nullptr;
  return loop_kernel(
      [from, packing = *packing](const LaunchArgs& args) { pack(from, packing, input(args, 0), output(args, 0)); });
}

}  // namespace fcngraph::onednn::fourier
