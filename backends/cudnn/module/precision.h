// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <fcngraph/engine/backend.h>

namespace fcngraph::cudnn {

/// Whether this op runs on tensors of this type here. Convolutions and what lies between them are offered in f32, f16 and bf16, with
/// sums in f32; softmax, losses, norms, statistics, sums and updates in f32 alone (sums of squares come in f64).
bool offers(std::string_view op, DType type);

/// A sentence on what in the step is of a type that the op does not run in; empty: nothing.
std::string type_refusal(const StepView& step);

/// The largest magnitude of a tensor over a run, as f16 sees it.
class ValueRange {
 public:
  /// f16 ends at 65504. Within a factor of 8 of that is near: activations of other images are larger than those seen.
  static constexpr float kLargest = 65504.0f, kNear = kLargest / 8;
  enum class Verdict : std::uint8_t { fits, near, over };

  /// The largest magnitude of one more run; infinity or NaN where one was among the values.
  void add(float largest_magnitude);
  float largest() const noexcept { return largest_; }
  /// `over`: it has overflowed, and has to be in f32 (or bf16). `near`: a scale would bring it back.
  Verdict verdict() const noexcept;
  /// The power of two by which values have to be multiplied so that they are not near; 1 where they fit.
  float scale() const noexcept;

 private:
  float largest_ = 0;
  bool finite_ = true;
};

}  // namespace fcngraph::cudnn
