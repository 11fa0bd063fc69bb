// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "training/doctor_rules.h"
#include "training/progress_state.h"
#include "training/run_folder.h"
#include "training/running_program.h"

namespace fcngraph::training {

/// What became of a training step.
struct StepOutcome {
  bool finite = true;       ///< its gradient; otherwise it changed nothing
  bool overflowed = false;  ///< it was not, and the loss scale may be why
  bool halved = false;      ///< the loss scale
};

/// The doctor of one run: looks at its program, asks the rules, says what they find, and keeps doctor.json. Changes nothing that is
/// computed.
class RunDoctor {
 public:
  /// `running` is the program of whole batches, and must outlive it. `say` gets a line for each finding.
  RunDoctor(const Model& model, RunningProgram& running, const RunFolder& folder,
            std::function<void(std::string_view)> say);
  RunDoctor(const RunDoctor&) = delete;
  RunDoctor& operator=(const RunDoctor&) = delete;

  DoctorRules& rules() noexcept { return rules_; }
  /// Reads back what the run found before it is resumed. Throws IoError when that is damaged.
  void resume(const ProgressState& state);

  // Around each step; `state` is as it stands then.
  void before_step(const ProgressState& state);
  void after_step(const ProgressState& state, const StepOutcome& outcome);
  /// Before the epoch's tallies are cleared.
  void end_epoch(const ProgressState& state);
  /// Says what is new and writes doctor.json.
  void write();
  /// Why the run is to stop, with doctor = "stop"; empty: go on.
  const std::string& stop() const noexcept { return stop_; }

 private:
  /// A head's tally as it was read last.
  struct Seen {
    double loss_sum = 0, loss_count = 0;
    std::vector<std::int64_t> confusion;
  };
  void watch_losses(const Model& model);
  void see_skipped(const ProgressState& state, const StepOutcome& outcome);
  /// Where the last step's first value that is not finite came from, the first time that it is asked.
  std::string origin();
  void absorb(const ProgressState& state);
  void close_window(const ProgressState& state);
  void tell();

  DoctorRules rules_;
  RunningProgram& running_;
  const RunFolder& folder_;
  std::function<void(std::string_view)> say_;
  bool stops_ = false;
  std::string stop_;
  double spent_ = 0;  ///< seconds that the doctor took
  std::vector<LossLook> losses_;
  LayerLooks layers_;
  bool layers_open_ = false;
  std::vector<HeadWindow> window_;
  std::vector<Seen> seen_;
  std::int64_t steps_in_window_ = 0, steps_of_epoch_ = 0;
  bool looked_for_origin_ = false;
  double trained_ = 0;  ///< seconds of the epochs that are over
};

}  // namespace fcngraph::training
