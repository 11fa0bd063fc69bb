// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/plan.h>

#include "tensor_store.h"

namespace fcngraph {

/// The first step of a run, in order, with a result that is not finite.
struct NotFinite {
  std::string step, op;
  std::string operand;  ///< a saved tensor or an input that it reads and that is not finite already; empty: none

  /// "'fc7' (conv2d), which reads 'fc7.weight'"
  std::string text() const;
};

/// A plan with prepared kernels and memory. Everything is allocated when it is made; a run only launches.
class Executor {
 public:
  /// `plan` must outlive the executor. Throws BackendError when the machine has less memory than the plan wants (naming both), or
  /// when a kernel cannot be prepared. Saved tensors that the store lacked are there afterwards, not filled (version 0).
  Executor(const Plan& plan, std::shared_ptr<TensorStore> store);

  const Plan& plan() const noexcept { return plan_; }
  TensorStore& store() noexcept { return *store_; }
  /// The plan's saved tensors, in the order of its slots.
  std::span<SavedTensor* const> saved() const noexcept { return saved_; }

  /// Gives input i of `plan().inputs` its contents for the next run; on a host's device they are read where they lie, so that they
  /// have to stay until the run is over.
  void bind(std::size_t i, std::span<const std::byte> bytes);
  /// Where the device works beside the host, large inputs have two buffers that take turns: while a run reads one, the other takes
  /// what the next run is to read. Each such run finds the addresses of the one before the last.
  bool takes_turns(std::size_t i) const { return inputs_.at(i).buffers[1] != nullptr; }
  /// Gives an input that takes turns its contents for the run after the one that was started last; they are the caller's again when
  /// this returns.
  void bind_next(std::size_t i, std::span<const std::byte> bytes);
  /// The same from pieces of one size on the device, one a sample; null: zeros.
  void gather_next(std::size_t i, std::span<const std::byte* const> pieces, std::size_t bytes_each);
  void forget_next();
  /// Whether the next run finds the input filled.
  bool has_next(std::size_t i) const { return inputs_.at(i).has_next; }
  /// Setup steps whose tensors are out of date, then every step in order; without updates, those steps are left out. `seconds`,
  /// where given, gets the time of each step.
  void run(bool updates = true, std::vector<double>* seconds = nullptr);
  /// The same in two: between them the device works by itself, where it can.
  void start(bool updates = true);
  void finish();
  /// Has `look` called in each run, right before step `s` of the plan is launched, or right after it. Does nothing on a device
  /// whose memory the host cannot address.
  using Look = std::function<void(const LaunchArgs&)>;
  void watch(std::size_t s, bool after, Look look);
  /// Runs once more on the inputs that are bound, without updates, and finds where a value stopped being finite; nothing where none
  /// does, or where the host cannot address the device's memory.
  std::optional<NotFinite> find_not_finite();

  /// Runs the steps one by one on the inputs that are bound, without updates, and shows what each makes: its index, the slot of a
  /// result, and the bytes as they lie.
  using Observer = std::function<void(std::size_t, std::int32_t, std::span<const std::byte>)>;
  void run_observed(const Observer& look);

  /// Where output i of `plan().outputs` lies, and where the last run has read input i of `plan().inputs`; null where no step does.
  std::byte* output_address(std::size_t i) const { return address_[plan_.outputs.at(i).second]; }
  std::byte* input_address(std::size_t i) const;

  /// Contents of output i of `plan().outputs`.
  HostTensor read(std::size_t i) const;
  /// Begins to take it, as it is behind what was started; `to` gets its type and memory, which stay where they are, and is filled
  /// when the device has passed the point that is returned.
  Mark take(std::size_t i, HostTensor& to);
  void wait(Mark point) { store_->device().wait(point); }
  /// Bytes of it from an offset on, as they lie.
  void read_part(std::size_t i, std::int64_t offset, std::span<std::byte> to) const;

  /// Bytes of the arena and of everything that stays: saved and resident tensors, constants, copies of inputs.
  std::int64_t peak_bytes() const noexcept { return peak_bytes_; }
  /// How many setup steps ran so far: for tests and statistics.
  std::int64_t setup_runs() const noexcept { return setup_runs_; }

 private:
  struct Launch {
    std::unique_ptr<Kernel> kernel;
    std::vector<std::byte*> operands, results;
    std::byte* workspace = nullptr;
    Look before, after;
    // Setup steps only.
    std::vector<SavedTensor*> made_of;
    std::vector<ResidentTensor*> makes;
  };
  /// Where an input's address has to be put when it is bound.
  struct InputUse {
    std::size_t step = 0, operand = 0;
  };
  struct Input {
    std::int32_t slot = -1;
    std::array<std::unique_ptr<Buffer>, 2> buffers;  ///< none: read where the caller has it; two: they take turns
    std::array<Mark, 2> read_until{};                ///< behind the last run that reads each
    std::size_t turn = 0;                            ///< whose it is
    bool has_next = false;                           ///< the other one is filled, for the next run
    std::vector<InputUse> uses;
  };

  void check_memory() const;
  void use_address(const Input& input, std::byte* address);
  std::byte* next_buffer(Input& input);
  void take_turns();
  void launch_all(bool updates, std::vector<double>* seconds);
  void place_inputs();
  void place_saved();
  void place_constants();
  void place_residents();
  void prepare_steps();
  std::string recipe(std::int32_t slot) const;
  void collect_saved(std::int32_t slot, std::vector<SavedTensor*>& out) const;
  static void launch(Launch& step);
  bool is_finite(std::int32_t slot, const std::byte* address) const;
  void run_setup();
  std::string kept_recipe(std::size_t s) const;
  void resolve_addresses();
  bool is_output(std::int32_t slot) const;
  bool is_only_for_setup(std::int32_t slot) const;

  const Plan& plan_;
  std::shared_ptr<TensorStore> store_;
  std::unique_ptr<Buffer> arena_, constants_;
  std::vector<std::byte*> address_;     ///< of each slot
  std::vector<std::int32_t> producer_;  ///< of each resident slot: the setup step
  std::vector<SavedTensor*> saved_of_slot_;
  std::vector<ResidentTensor*> resident_of_slot_;
  std::vector<SavedTensor*> saved_;
  std::vector<SavedTensor*> updated_;  ///< changed by each run
  std::vector<Input> inputs_;
  std::vector<Launch> steps_;  ///< after the kernels' memory: destroyed before it
  std::size_t setup_steps_ = 0;
  Mark started_ = 0;  ///< behind the run that was started last
  std::uint64_t seen_clock_ = 0, seen_moves_ = 0;
  std::int64_t peak_bytes_ = 0;
  std::int64_t setup_runs_ = 0;
};

}  // namespace fcngraph
