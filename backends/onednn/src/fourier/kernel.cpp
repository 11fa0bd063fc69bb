// SPDX-License-Identifier: Apache-2.0
#include "kernel.h"

#include <omp.h>

#include <algorithm>

#include "../blocked_image.h"
#include "../estimate.h"
#include "../layout.h"
#include "../packed_weights.h"
#include "../vector_loops/vector_loops.h"
#include "tables.h"
#include "weights.h"

namespace fcngraph::onednn::fourier {
namespace {

enum Operand : std::size_t { kX, kWeight, kBias };

// How much longer a multiply-add of a transform takes than one of the products, which find their numbers in registers.
constexpr double kTransform = 3;

// Of a step, for threads to take one by one: where a core does something else as well, the others need not wait for it.
constexpr std::int64_t kPieces = 64;

double as_double(std::int64_t n) { return static_cast<double>(n); }

/// The types that weights may be stored as, by `compile.storage`, or else as the factors of products are.
DType storage_type(const KernelPolicy& policy) {
  if (policy.storage == "f16") return DType::f16;
  return policy.storage == "bf16" ? DType::bf16 : policy.products;
}

/// What sums over all taps take, and products of spectra with weights packed so.
Estimate estimate(const StepView& step, const Packing& packing, const KernelPolicy& policy) {
  const auto& attrs = step.attrs->as<Conv2dAttrs>();
  const Shape &x = step.operands[kX]->shape, &y = step.results[0]->shape;
  const double images = as_double(y[0]), taps = as_double(attrs.kernel.h * attrs.kernel.w);
  const Frequencies frequencies(packing.period);
  double stored = 0, transform = as_double(2 * frequencies.across);  // of a pixel, rows alone
  if (packing.of_rows()) {
    stored = as_double(attrs.kernel.h * packing.period.w) * (packing.type == DType::f32 ? 1 : 0.5);
  } else {
    stored = as_double(2 * frequencies.total);
    transform += as_double(4 * frequencies.total) / as_double(x[3]);
  }
  const double in = as_double(filled_channels(x[1])), out = as_double(filled_channels(y[1]));
  const double pixels = in * as_double(x[2] * x[3]) + out * as_double(y[2] * y[3]);
  const double direct =
      taps * as_double(x[1]) * as_double((y[1] + 7) / 8 * 8) * std::max(images * as_double(y[2] * y[3]), kStream);
  return {direct / rate_of(policy.products),
          in * out * std::max(products(step, packing) * images / kEfficiency, stored * kStream) +
              kTransform * images * pixels * transform};
}

/// The way that is expected to be fastest, of those that the policy knows.
Packing choose(const StepView& step, const KernelPolicy& policy, std::int64_t lanes) {
  const Packing plane{period_of(step, false), lanes, DType::f32};
  const Packing rows{period_of(step, true), lanes, storage_type(policy)};
  if (policy.kernels == "fourier") return plane;
  if (policy.kernels == "fourier_rows") return rows;
  return estimate(step, rows, policy).ours < estimate(step, plane, policy).ours ? rows : plane;
}

std::string name_of(const Packing& packing, const Loops& loops) {
  std::string name = packing.of_rows() ? "fourier_rows" : "fourier";
  if (packing.type != DType::f32) name += packing.type == DType::f16 ? "_f16" : "_bf16";
  return name + ":" + loops.name;
}

const FormLoops& form_of(const Packing& packing, const Loops& loops) {
  if (!packing.of_rows()) return loops.plane;
  if (packing.type == DType::f32) return loops.rows;
  return packing.type == DType::f16 ? loops.rows_half : loops.rows_bfloat;
}

}  // namespace

std::optional<Capability> capability(const StepView& step, const KernelPolicy& policy) {
  const Loops& loops = loops_in_use().fourier;
  if (policy.exact || policy.kernels == "onednn" || policy.kernels.starts_with("winograd") || !has_form(step))
    return std::nullopt;
  const auto lying = packing_of(step.operands[kWeight]->layout);
  if (step.layouts_are_final && !lying) return std::nullopt;
  const Packing packing = step.layouts_are_final ? *lying : choose(step, policy, loops.lanes);
  const Layout packed = weight_layout(*step.operands[kWeight], packing);
  const Estimate time = estimate(step, packing, policy);
  const bool trains = kWeight < step.trained.size() && step.trained[kWeight];
  if (!step.layouts_are_final && !policy.kernels.starts_with("fourier") && (trains || !is_faster(time)))
    return std::nullopt;

  const std::string tag = vector_tag(*step.operands[kX], *step.results[0], loops.lanes);
  const TensorType x = in_tag(*step.operands[kX], tag), y = in_tag(*step.results[0], tag);
  const Tables tables(step, x, y, loops.lanes, packing.of_rows());
  Capability answer;
  answer.supported = true;
  answer.kernel = name_of(packing, loops);
  answer.reason = in_words(time, packing.of_rows() ? "a product of spectra of rows" : "a product of spectra");
  answer.operands = {x.layout, packed};
  answer.operands.resize(step.operands.size());
  answer.results = {y.layout};
  answer.workspace = (tables.x_numbers() + tables.y_numbers()) * static_cast<std::int64_t>(sizeof(float));
  return answer;
}

std::unique_ptr<Kernel> prepare(const StepView& step) {
  const Loops& loops = loops_in_use().fourier;
  const TensorType &x = *step.operands[kX], &y = *step.results[0], &weight = *step.operands[kWeight];
  const auto packing = packing_of(weight.layout);
  if (!packing || !has_form(step)) return nullptr;
  if (!lies_in_vectors(x, loops.lanes) || !lies_in_vectors(y, loops.lanes)) return nullptr;
  const Packing expected{period_of(step, packing->of_rows()), loops.lanes, packing->type};
  if (weight.layout != weight_layout(weight, expected)) return nullptr;
  auto tables = std::make_shared<const Tables>(step, x, y, loops.lanes, packing->of_rows());
  const FormLoops& form = form_of(*packing, loops);
  const bool has_bias = step.operands.size() > kBias;
  const std::int64_t scales = packing->type == DType::f32 ? 0 : factors_offset(weight.shape, *packing);
  return loop_kernel(
      [tables, &form, has_bias, scales, lanes = loops.lanes, threads = omp_get_max_threads()](const LaunchArgs& args) {
        const Layer layer = tables->layer();
        Tensors tensors;
        tensors.x = input(args, kX);
        tensors.weight = args.operands[kWeight];
        if (scales > 0) tensors.scale = reinterpret_cast<const float*>(tensors.weight + scales);
        if (has_bias) tensors.bias = input(args, kBias);
        tensors.y = output(args, 0);
        tensors.x_spectrum = reinterpret_cast<float*>(args.workspace);
        tensors.y_spectrum = tensors.x_spectrum + tables->x_numbers();
        const std::int64_t vectors = layer.images * layer.x.channels / lanes, results = layer.images * layer.panels;
        const std::int64_t products = tables->products();
        const auto piece = [](std::int64_t items, std::int64_t i) { return items * i / kPieces; };
#pragma omp parallel num_threads(threads)
        {
#pragma omp for schedule(dynamic)
          for (std::int64_t i = 0; i < kPieces; ++i)
            form.transform_input(layer, tensors, piece(vectors, i), piece(vectors, i + 1));
#pragma omp for schedule(dynamic)
          for (std::int64_t i = 0; i < kPieces; ++i)
            form.multiply(layer, tensors, piece(products, i), piece(products, i + 1));
#pragma omp for schedule(dynamic)
          for (std::int64_t i = 0; i < kPieces; ++i)
            form.transform_output(layer, tensors, piece(results, i), piece(results, i + 1));
        }
      });
}

std::optional<Capability> pack_capability(const StepView& step) {
  return onednn::pack_capability(step, packing_of, "fourier:pack");
}

std::unique_ptr<Kernel> prepare_pack(const StepView& step) { return onednn::prepare_pack(step, packing_of, pack); }

}  // namespace fcngraph::onednn::fourier
