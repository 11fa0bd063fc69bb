// SPDX-License-Identifier: Apache-2.0
#include "fused_loss_rows.h"

#include <algorithm>
#include <limits>

#include "exponential.h"
#include "parallel.h"

namespace fcngraph::onednn {
namespace {

FCNGRAPH_VECTORIZED float read_labels(std::int32_t* __restrict label, float* __restrict factor,
                                      const std::uint8_t* __restrict labels, std::int32_t ignore, std::int32_t classes,
                                      std::int64_t n) {
  float count = 0;
#pragma omp simd reduction(+ : count)
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int32_t l = labels[i];
    const bool counts = l != ignore && l < classes;
    label[i] = counts ? l : -1;
    factor[i] = counts ? 1.0f : 0.0f;
    count += counts ? 1.0f : 0.0f;
  }
  return count;
}

FCNGRAPH_VECTORIZED void mix(float* __restrict logits, float* __restrict largest, std::int32_t* __restrict leader,
                             const float* upper, const float* lower, float fraction, std::int32_t c, std::int64_t n) {
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) {
    const float x = upper[i] * (1.0f - fraction) + lower[i] * fraction;
    const bool wins = x > largest[i];
    logits[i] = x;
    largest[i] = wins ? x : largest[i];
    leader[i] = wins ? c : leader[i];
  }
}

FCNGRAPH_VECTORIZED void narrow_labels(std::uint8_t* __restrict labels, const std::int32_t* __restrict leader,
                                       std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) labels[i] = static_cast<std::uint8_t>(leader[i]);
}

FCNGRAPH_VECTORIZED void exponentials(float* __restrict logits, float* __restrict sum, float* __restrict picked,
                                      const float* __restrict largest, const std::int32_t* __restrict label,
                                      std::int32_t c, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    const float x = logits[i], e = exp_of_nonpositive(x - largest[i]);
    picked[i] = label[i] == c ? x : picked[i];
    sum[i] += e;
    logits[i] = e;
  }
}

// A pixel that does not count adds nothing, whatever its logits are.
FCNGRAPH_VECTORIZED float losses(float* __restrict sum, const float* __restrict picked, const float* __restrict largest,
                                 const float* __restrict factor, const std::int32_t* __restrict label, std::int64_t n) {
  float total = 0;
#pragma omp simd reduction(+ : total)
  for (std::int64_t i = 0; i < n; ++i) {
    const float loss = factor[i] * (log_of_positive(sum[i]) - (picked[i] - largest[i]));
    total += label[i] >= 0 ? loss : 0.0f;
    sum[i] = factor[i] == 0.0f ? 0.0f : factor[i] / sum[i];
  }
  return total;
}

FCNGRAPH_VECTORIZED void gradients(float* __restrict upper, float* __restrict lower, const float* __restrict e,
                                   const float* __restrict share, const float* __restrict factor,
                                   const std::int32_t* __restrict label, float fraction, std::int32_t c,
                                   std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    const float g = (share[i] == 0.0f ? 0.0f : e[i] * share[i]) - (label[i] == c ? factor[i] : 0.0f);
    upper[i] += g * (1.0f - fraction);
    lower[i] += g * fraction;
  }
}

}  // namespace

LossRow LossRow::at(float* memory, std::int64_t stride, std::int64_t pixels) {
  LossRow row{};
  row.pixels = pixels;
  row.largest = memory;
  row.sum = memory + stride;
  row.picked = memory + 2 * stride;
  row.factor = memory + 3 * stride;
  row.unused = memory + 4 * stride;
  row.leader = reinterpret_cast<std::int32_t*>(memory + 5 * stride);
  row.label = reinterpret_cast<std::int32_t*>(memory + 6 * stride);
  return row;
}

float begin_row(const LossRow& row, const std::uint8_t* labels, const float* weights, std::int64_t ignore,
                std::int64_t classes) {
  const float count = read_labels(row.label, row.factor, labels, static_cast<std::int32_t>(ignore),
                                  static_cast<std::int32_t>(classes), row.pixels);
  if (weights != nullptr) {
    for (std::int64_t i = 0; i < row.pixels; ++i) row.factor[i] = row.label[i] < 0 ? 0.0f : weights[row.label[i]];
  }
  std::fill_n(row.largest, row.pixels, -std::numeric_limits<float>::infinity());
  std::fill_n(row.leader, row.pixels, 0);
  std::fill_n(row.sum, row.pixels, 0.0f);
  std::fill_n(row.picked, row.pixels, 0.0f);
  return count;
}

void mix_logits(const LossRow& row, float* logits, const float* upper, const float* lower, float fraction,
                std::int64_t c) {
  mix(logits, row.largest, row.leader, upper, lower, fraction, static_cast<std::int32_t>(c), row.pixels);
}

void write_leaders(const LossRow& row, std::uint8_t* labels) { narrow_labels(labels, row.leader, row.pixels); }

void add_exponentials(const LossRow& row, float* logits, std::int64_t c) {
  exponentials(logits, row.sum, row.picked, row.largest, row.label, static_cast<std::int32_t>(c), row.pixels);
}

float finish_loss(const LossRow& row) {
  return losses(row.sum, row.picked, row.largest, row.factor, row.label, row.pixels);
}

void add_gradient(const LossRow& row, const float* exponentials_of_class, float* upper, float* lower, float fraction,
                  std::int64_t c) {
  gradients(upper, lower, exponentials_of_class, row.sum, row.factor, row.label, fraction, static_cast<std::int32_t>(c),
            row.pixels);
}

}  // namespace fcngraph::onednn
