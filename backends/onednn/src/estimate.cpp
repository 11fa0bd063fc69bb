// SPDX-License-Identifier: Apache-2.0
#include "estimate.h"

#include <array>
#include <cstdio>

#include "isa.h"

namespace fcngraph::onednn {
namespace {

constexpr double kGain = 0.85;

}  // namespace

double rate_of(DType products) { return products == DType::bf16 && has_bf16() ? 2 : 1; }

bool is_faster(const Estimate& estimate) { return estimate.ours < kGain * estimate.direct; }

std::string in_words(const Estimate& estimate, const char* form) {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%s is expected to take %.2f of the direct time", form,
                estimate.ours / estimate.direct);
  return text.data();
}

}  // namespace fcngraph::onednn
