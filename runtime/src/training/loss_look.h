// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/engine/ops/upsample_taps.h>
#include <fcngraph/engine/ops/window.h>
#include <fcngraph/engine/plan.h>

namespace fcngraph::training {

/// p(true) below this is past the clip of Keras's cross entropy.
inline constexpr double kSaturated = 1e-7;
/// Pixels that are looked at, a head and a launch. Fixed, so that a look costs O(classes).
inline constexpr std::int64_t kSampledPixels = 128;

/// What a sample of pixels came to. Pixels that do not count are left out.
struct LossSample {
  std::int64_t pixels = 0, saturated = 0;
  double range_sum = 0;  ///< of largest minus smallest logit, or of the logarithms of probabilities
  std::vector<std::int64_t> of_class, saturated_of;  ///< [classes]
  std::vector<double> gap_of;                        ///< [classes] of the largest of these minus that of the truth

  explicit LossSample(std::int64_t classes = 0)
      : of_class(static_cast<std::size_t>(classes)),
        saturated_of(static_cast<std::size_t>(classes)),
        gap_of(static_cast<std::size_t>(classes)) {}
};

/// Looks at logits or probabilities and labels of one head where its loss reads them: before its step is launched. Where logits are
/// never stored, they are made of the score at the sampled pixels alone.
class LossLook {
 public:
  /// Unset where the loss of the head is not found, or lies in a layout that only the backend can read.
  static std::optional<LossLook> find(const Plan& plan, const std::string& head);

  std::size_t step() const noexcept { return step_; }
  /// Adds kSampledPixels pixels, other ones at each call, to `to`.
  void look(const LaunchArgs& args, LossSample& to);

 private:
  LossLook() = default;
  void add(const float* score, std::int64_t image, std::int64_t y, std::int64_t x, std::int64_t label, LossSample& to);
  bool is_saturated(std::size_t label, float largest) const;

  bool probabilities_ = false;                                      ///< not logits: what the score holds
  std::size_t step_ = 0, score_ = 0, labels_ = 0;                   ///< step of the plan, its operands
  std::int64_t images_ = 0, classes_ = 0, height_ = 0, width_ = 0;  ///< of the score
  std::int64_t out_height_ = 0, out_width_ = 0;                     ///< of the labels
  std::vector<ops::UpsampleTap> rows_, columns_;                    ///< what a pixel of the logits reads of the score
  Pads crop_;
  std::int64_t ignore_ = 255;
  std::int64_t at_ = 0;  ///< number of the pixel looked at last
  std::vector<float> logits_;
};

}  // namespace fcngraph::training
