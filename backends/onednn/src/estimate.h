// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/types.h>

namespace fcngraph::onednn {

/// What a step is expected to take by oneDNN's direct convolution and by loops of our own, in multiply-adds of a full vector pipe, of
/// one number each. docs/kernels.md has the measurements.
struct Estimate {
  double direct = 0;
  double ours = 0;
};

/// The share of the rate of oneDNN's direct convolution that our products reach.
constexpr double kEfficiency = 0.8;
/// To stream a weight of four bytes from memory, however few numbers it meets: it is hidden behind as many multiply-adds.
constexpr double kStream = 24;

/// How many times as fast products of this type are as those of f32, here.
double rate_of(DType products);

/// Whether ours is worth another order of sums, which a small gain is not.
bool is_faster(const Estimate& estimate);

/// The reason in a plan: "`form` is expected to take 0.45 of the direct time".
std::string in_words(const Estimate& estimate, const std::string& form);

}  // namespace fcngraph::onednn
