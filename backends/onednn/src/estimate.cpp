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

std::string in_words(const Estimate& estimate, const std::string& form) {
  std::array<char, 64> share{};
  std::snprintf(share.data(), share.size(), "%.2f", estimate.ours / estimate.direct);
  return form + " is expected to take " + share.data() + " of the direct time";
}

}  // namespace fcngraph::onednn
