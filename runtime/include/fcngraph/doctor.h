// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcngraph/engine/export.h>

namespace fcngraph {

/// What the training doctor looks for. docs/doctor.md says when each is raised.
enum class Sign : std::uint8_t {
  saturated,        ///< pixels whose p(true) is under 1e-7: past a clip of the loss there is no gradient
  never_predicted,  ///< a class that the truth has and no prediction
  loss_over_error,  ///< loss / (1 - accuracy) near 16.1, -ln(1e-7): what is wrong is as wrong as can be
  zero_gradients,   ///< a parameter that trains, and whose gradient is 0
  loss_scale,       ///< halvings of a dynamic loss scale
  logit_range,      ///< logits of a pixel too far apart
  tap_ratio,        ///< features that heads read differ by orders of magnitude
  not_finite,       ///< a loss or gradient that is no number
  frozen_at_init,   ///< frozen tensors that no weights were given for
  dead_channels,    ///< ReLU channels of a layer that trains, 0 everywhere
  data_wait         ///< time spent waiting for decoded samples
};

/// Every sign, in the order of its declaration.
inline constexpr Sign kSigns[] = {Sign::saturated,      Sign::never_predicted, Sign::loss_over_error,
                                  Sign::zero_gradients, Sign::loss_scale,      Sign::logit_range,
                                  Sign::tap_ratio,      Sign::not_finite,      Sign::frozen_at_init,
                                  Sign::dead_channels,  Sign::data_wait};
FCNGRAPH_API std::string_view name_of(Sign sign) noexcept;
FCNGRAPH_API std::optional<Sign> sign_from(std::string_view name) noexcept;

/// What the doctor found, once for each sign and place.
struct Finding {
  Sign sign = Sign::saturated;
  bool alarm = true;      ///< a note otherwise: worth knowing, no reason to stop
  std::string where;      ///< head, parameter or layer; empty: the run
  std::int64_t step = 0;  ///< from 1; 0: before the first
  double value = 0;       ///< what was measured
  std::string message;    ///< the cause
  std::string mend;       ///< the key or option that mends it

  /// "message; MEND"
  std::string text() const { return mend.empty() ? message : message + "; " + mend; }
};

/// What was counted of a head, over the last window of steps.
struct HeadVitals {
  std::string name;
  double saturated_share = 0;  ///< of sampled pixels
  double loss_over_error = 0;  ///< 0 where nothing was wrong
  double logit_range = 0;      ///< largest minus smallest logit, mean over sampled pixels
  std::vector<std::string> never_predicted;
};

/// doctor.json of a run.
struct DoctorReport {
  std::string mode;        ///< warn, stop or off; empty where the run has no record of its own
  std::int64_t steps = 0;  ///< of the run
  double cost_share = 0;   ///< of the time of training, taken by the doctor
  std::vector<HeadVitals> heads;
  std::vector<std::pair<std::string, double>> tap_rms;  ///< of the scaled feature of each head, where it was measured
  double zero_gradient_share = 0, dead_channel_share = 0;
  double data_wait_share = 0;
  std::int64_t skipped_steps = 0;                   ///< whose gradient was not finite
  std::optional<std::int64_t> loss_scale_halvings;  ///< unset where there is no dynamic loss scale, or no halving
  std::vector<Finding> findings;                    ///< in the order in which they were found
};

/// What went wrong in a run, from doctor.json and history.jsonl in its folder. Throws IoError when it is no run's folder, or when the
/// files are damaged.
FCNGRAPH_API DoctorReport examine_run(const std::filesystem::path& run);

/// {"format_version", "mode", "steps", "cost_share", "heads": {NAME: {"saturated_share", "loss_over_error", "logit_range",
/// "never_predicted"}}, "tap_rms", "zero_gradient_share", "dead_channel_share", "data_wait_share", "skipped_steps",
/// "loss_scale_halvings", "findings": [{"sign", "alarm", "where", "step", "value", "message", "mend"}]}
FCNGRAPH_API std::string to_json(const DoctorReport& report);
/// The same from text. Throws GraphError when it is not such a report.
FCNGRAPH_API DoctorReport doctor_report_from_json(std::string_view text);

}  // namespace fcngraph
