// SPDX-License-Identifier: Apache-2.0
#include "measured.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <fcngraph/engine/kernel_times.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/ops/conv2d_transpose.h>

namespace fcngraph::onednn {
namespace {

constexpr std::size_t kWeight = 1;
// Each begins its kernel's name.
constexpr std::array<std::string_view, 5> kKernels{"onednn", "winograd", "winograd7x7", "fourier", "fourier_rows"};

bool is_weight_gradient(const StepView& step) {
  return step.op == &ops::conv2d_grad_weight() || step.op == &ops::conv2d_transpose_grad_weight();
}

bool reads_weights(const StepView& step) {
  return step.op == &ops::conv2d() || step.op == &ops::conv2d_grad_input() || step.op == &ops::conv2d_transpose() ||
         step.op == &ops::conv2d_transpose_grad_input();
}

bool is_known(const std::string& kernel) {
  return std::find(kKernels.begin(), kKernels.end(), kernel) != kKernels.end();
}

const MeasuredStep* measured(const StepView& step, const KernelPolicy& policy) {
  if (policy.times == nullptr || (policy.kernels != "auto" && policy.kernels != "autotune") || policy.exact)
    return nullptr;
  if (!reads_weights(step) && !is_weight_gradient(step)) return nullptr;
  return policy.times->find(step_key(step, policy));
}

/// The word that a kernel's name begins with; the longest, as there is "fourier" and "fourier_rows".
std::string_view word_of(const std::string& kernel) {
  std::string_view found;
  for (const std::string_view word : kKernels) {
    if (kernel.starts_with(word) && word.size() > found.size()) found = word;
  }
  return found;
}

/// "measured on 2026-11-22: 3.1 ms, 7.9 by onednn"; of weights that train, with what it takes to pack them.
std::string in_words(const MeasuredStep& times, const std::string& kernel, bool trains) {
  const auto taken = times.kernels.find(std::string(word_of(kernel)));
  if (taken == times.kernels.end()) return {};
  const auto ms = [&](const KernelTime& t) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.3g", 1e3 * (t.seconds + (trains ? t.pack_seconds : 0)));
    return std::string(text.data());
  };
  std::string out = "measured on " + times.date + ": " + ms(taken->second) + " ms";
  for (const auto& [word, time] : times.kernels) {
    if (word != taken->first) out += ", " + ms(time) + " by " + word;
  }
  return out;
}

bool trains(const StepView& step) {
  return reads_weights(step) && kWeight < step.trained.size() && step.trained[kWeight];
}

}  // namespace

std::span<const std::string_view> measured_kernels() { return kKernels; }

KernelPolicy measured_policy(const StepView& step, const KernelPolicy& policy) {
  const MeasuredStep* times = measured(step, policy);
  if (times == nullptr || (step.layouts_are_final && reads_weights(step))) return policy;
  const bool packs = trains(step);
  const auto cost = [&](const KernelTime& t) { return t.seconds + (packs ? t.pack_seconds : 0); };
  KernelPolicy out = policy;
  const KernelTime* best = nullptr;
  for (const auto& [word, time] : times->kernels) {
    if (!is_known(word) || (best != nullptr && cost(time) >= cost(*best))) continue;
    best = &time;
    out.kernels = word;
  }
  return out;
}

Capability measured_capability(const KernelDef& def, const StepView& step, const KernelPolicy& policy) {
  const KernelPolicy chosen = measured_policy(step, policy);
  Capability answer = def.capability(step, chosen);
  if (chosen.kernels != policy.kernels) {
    // oneDNN alone refuses some fused steps, which are then faster apart.
    const bool apart = !answer.supported && chosen.kernels == "onednn";
    if (!apart && !(answer.supported && word_of(answer.kernel) == chosen.kernels)) return def.capability(step, policy);
  }
  if (const MeasuredStep* times = measured(step, policy); times != nullptr && answer.supported) {
    if (std::string reason = in_words(*times, answer.kernel, trains(step)); !reason.empty()) answer.reason = reason;
  }
  return answer;
}

}  // namespace fcngraph::onednn
