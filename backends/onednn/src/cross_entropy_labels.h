// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "loop_kernel.h"

namespace fcngraph::onednn {

/// Labels and class weights of cross_entropy and of its gradient, whose operands 0 to 2 are the same.
struct CrossEntropyLabels {
  std::int64_t images, channels, pixels, ignore;

  /// The weight of a label that counts.
  static float weight(const float* weights, std::int64_t label) { return weights != nullptr ? weights[label] : 1.0f; }
  bool counts(std::int64_t label) const { return label != ignore && label < channels; }
  const std::uint8_t* labels(const LaunchArgs& args, std::int64_t image) const {
    return reinterpret_cast<const std::uint8_t*>(args.operands[1]) + image * pixels;
  }
};

template <class A>
CrossEntropyLabels cross_entropy_labels(const StepView& step) {
  const Shape& s = step.operands[0]->shape;
  return {s[0], s[1], s[2] * s[3], step.attrs->as<A>().ignore};
}

}  // namespace fcngraph::onednn
