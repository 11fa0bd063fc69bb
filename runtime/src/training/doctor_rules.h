// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fcngraph/doctor.h>
#include <fcngraph/model.h>

#include "training/layer_looks.h"
#include "training/loss_look.h"

namespace fcngraph::training {

/// loss / (1 - accuracy) of a head whose mistakes all cost -ln(1e-7), 16.118; a few pixels that are wrong by less bring the mean down.
inline constexpr double kStuckLow = 15.0, kStuckHigh = 16.2, kLeastError = 0.01;
/// Share of a training's time that goes into waiting for data.
inline constexpr double kMostWaiting = 0.4;

/// Halvings of a loss scale, without as many finite steps in a row as let it double, by which it finds its place.
inline constexpr std::int64_t kMostHalvings = 5;

/// Steps after which the rules are asked.
inline constexpr std::int64_t kWindow = 20;

/// What was counted of one head during a window.
struct HeadWindow {
  double loss_sum = 0, loss_count = 0;
  std::int64_t pixels = 0, correct = 0;
  std::vector<std::int64_t> truth, predicted;  ///< pixels of each class
  LossSample sample;

  explicit HeadWindow(std::int64_t classes = 0)
      : truth(static_cast<std::size_t>(classes)), predicted(static_cast<std::size_t>(classes)), sample(classes) {}
};

/// Decides what is a finding. Knows the model and numbers, nothing of programs and files.
class DoctorRules {
 public:
  explicit DoctorRules(const Model& model);

  // Each of these may add findings; `step` is that after which it was seen.
  void see_window(std::int64_t step, const std::vector<HeadWindow>& heads);
  void see_layers(std::int64_t step, const LayerVitals& layers);
  /// Seconds of an epoch so far.
  void see_waiting(std::int64_t step, std::int64_t steps_of_epoch, double waited, double seconds);
  /// RMS of the scaled feature of each head.
  void see_taps(const std::vector<std::pair<std::string, double>>& rms);
  /// Frozen tensors without weights; `expected` where the user can be taken to know.
  void see_frozen(const std::string& what, bool expected);
  /// A step changed nothing, since its gradient is not finite.
  void see_skipped() { ++report_.skipped_steps; }
  /// By no fault of a loss scale. `origin` says where the first such value came from; empty: unknown.
  void see_not_finite(std::int64_t step, const std::string& origin);
  /// The loss scale was halved, for the so-manieth time in a row; 0: for what it cannot mend.
  void see_halving(std::int64_t step, std::int64_t in_a_row, const std::string& origin);

  /// Counts of the last window and all findings; what only the run knows is left for it to fill in.
  const DoctorReport& report() const noexcept { return report_; }
  DoctorReport& report() noexcept { return report_; }
  /// Findings since the last call.
  std::vector<Finding> take_new();
  /// Takes over what an earlier part of the run found: it is not said again.
  void restore(std::vector<Finding> findings);

 private:
  /// What is kept of a head between windows.
  struct History {
    std::vector<std::int64_t> unpredicted;  ///< [classes] steps for which the class was not predicted
    std::vector<std::int64_t> truth;        ///< [classes] pixels over these steps
    std::vector<std::int64_t> pixels;       ///< [classes] of all classes over these steps
    std::int64_t stuck = 0;                 ///< windows with loss / (1 - accuracy) in the band
  };
  void see_sample(std::int64_t step, std::size_t head, const HeadWindow& window);
  void see_classes(std::int64_t step, std::size_t head, const HeadWindow& window);
  void see_loss(std::int64_t step, std::size_t head, const HeadWindow& window);
  void see_gradients(std::int64_t step, const std::vector<GradientVitals>& gradients);
  void see_channels(std::int64_t step, const std::vector<ChannelVitals>& channels);
  /// Whether the loss is one on probabilities, held back by its clip.
  bool is_clipped() const;
  std::string mend_logits(std::size_t head) const;
  bool trains(std::size_t head) const;
  /// Unless this sign was found there before; `place` tells apart what is in one head.
  void add(Finding finding, const std::string& place = {});

  Model model_;
  std::vector<std::string> classes_;
  std::vector<History> history_;
  std::set<std::string> zero_before_, dead_before_;  ///< of the look before
  std::set<std::pair<Sign, std::string>> known_;     ///< sign and place
  DoctorReport report_;
  std::size_t told_ = 0;  ///< findings that were taken
};

}  // namespace fcngraph::training
