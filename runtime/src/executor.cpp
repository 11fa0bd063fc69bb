// SPDX-License-Identifier: Apache-2.0
#include "executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/op.h>

#include "available_memory.h"
#include "memory_budget.h"

namespace fcngraph {
namespace {

constexpr std::int64_t aligned(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }

/// Tells the device that launches are under way, and that they are over, whatever happens between.
class RunScope {
 public:
  explicit RunScope(Device& device) : device_(device) { device_.begin_run(); }
  ~RunScope() { device_.end_run(); }
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;

 private:
  Device& device_;
};

}  // namespace

Executor::Executor(const Plan& plan, std::shared_ptr<TensorStore> store)
    : plan_(plan),
      store_(std::move(store)),
      address_(plan.slots.size(), nullptr),
      producer_(plan.slots.size(), -1),
      saved_of_slot_(plan.slots.size(), nullptr),
      resident_of_slot_(plan.slots.size(), nullptr) {
  if (plan_.backend != store_->backend().name()) {
    throw GraphError(fmt::format("this program was compiled for backend '{}', the session's weights are on '{}'",
                                 plan_.backend, store_->backend().name()));
  }
  while (setup_steps_ < plan_.steps.size() && plan_.steps[setup_steps_].phase == Phase::setup) ++setup_steps_;
  for (std::size_t s = 0; s < setup_steps_; ++s) {
    for (const std::int32_t result : plan_.steps[s].results) {
      if (result >= 0) producer_[result] = static_cast<std::int32_t>(s);
    }
  }
  check_memory();
  place_saved();
  place_constants();
  place_inputs();
  place_residents();
  if (plan_.arena_bytes > 0) {
    arena_ = store_->device().allocate(static_cast<std::size_t>(plan_.arena_bytes));
    peak_bytes_ += plan_.arena_bytes;
    for (std::size_t i = 0; i < plan_.slots.size(); ++i) {
      if (plan_.slots[i].storage == Storage::arena) address_[i] = arena_->device_data() + plan_.slots[i].offset;
    }
  }
  prepare_steps();
}

void Executor::check_memory() const {
  if (!store_->on_host()) return;  // the device knows its own memory
  std::int64_t weights = 0, packed = 0, rest = 0;
  for (std::size_t i = 0; i < plan_.slots.size(); ++i) {
    const Slot& slot = plan_.slots[i];
    if (slot.storage == Storage::saved && store_->find(slot.name) == nullptr)
      weights = checked_add(weights, slot.bytes);
    if (slot.storage == Storage::resident && !store_->has_resident(recipe(static_cast<std::int32_t>(i))))
      packed = checked_add(packed, slot.bytes);
    if (slot.storage == Storage::constant) rest = checked_add(rest, slot.bytes);
  }
  const std::int64_t wanted = checked_add(checked_add(plan_.arena_bytes, weights), checked_add(packed, rest));
  const std::int64_t available = available_memory();
  if (wanted <= available) return;
  throw BackendError(
      plan_.backend,
      fmt::format(
          "the program needs {} of memory ({} for intermediate values, {} for weights, {} for packed weights), this "
          "machine has {} available; a smaller input or batch needs less",
          human_bytes(wanted), human_bytes(plan_.arena_bytes), human_bytes(weights), human_bytes(packed),
          human_bytes(available)));
}

bool Executor::is_output(std::int32_t slot) const {
  return std::any_of(plan_.outputs.begin(), plan_.outputs.end(),
                     [&](const auto& output) { return output.second == slot; });
}

bool Executor::is_only_for_setup(std::int32_t slot) const {
  if (is_output(slot)) return false;
  const auto reads = [&](const Step& step) {
    return std::find(step.operands.begin(), step.operands.end(), slot) != step.operands.end();
  };
  return std::none_of(plan_.steps.begin() + static_cast<std::ptrdiff_t>(setup_steps_), plan_.steps.end(), reads);
}

void Executor::place_saved() {
  for (std::size_t i = 0; i < plan_.slots.size(); ++i) {
    const Slot& slot = plan_.slots[i];
    if (slot.storage != Storage::saved) continue;
    SavedTensor& tensor = store_->saved(slot.name, slot.type, is_only_for_setup(static_cast<std::int32_t>(i)));
    saved_of_slot_[i] = &tensor;
    saved_.push_back(&tensor);
    peak_bytes_ += slot.bytes;
  }
}

void Executor::place_constants() {
  std::int64_t bytes = 0;
  for (const Slot& slot : plan_.slots) bytes += slot.storage == Storage::constant ? aligned(slot.bytes) : 0;
  if (bytes == 0) return;
  constants_ = store_->device().allocate(static_cast<std::size_t>(bytes));
  peak_bytes_ += bytes;
  std::int64_t at = 0;
  for (std::size_t i = 0; i < plan_.slots.size(); ++i) {
    const Slot& slot = plan_.slots[i];
    if (slot.storage != Storage::constant) continue;
    address_[i] = constants_->device_data() + at;
    store_->device().upload(address_[i], plan_.graph.value(slot.value).data);
    at += aligned(slot.bytes);
  }
}

void Executor::place_inputs() {
  for (const auto& [name, slot] : plan_.inputs) {
    Input input;
    input.slot = slot;
    // An input that is an output too is read after the run, when the caller's memory may be gone.
    const std::size_t wanted = input_buffers(plan_.slots[slot], store_->backend());
    const bool own = !store_->on_host() || is_output(slot);
    for (std::size_t b = 0; own && b < wanted; ++b) {
      input.buffers[b] = store_->device().allocate(static_cast<std::size_t>(plan_.slots[slot].bytes));
      peak_bytes_ += plan_.slots[slot].bytes;
    }
    if (own) address_[slot] = input.buffers[0]->device_data();
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      const auto& operands = plan_.steps[s].operands;
      for (std::size_t o = 0; o < operands.size(); ++o) {
        if (operands[o] == slot) input.uses.push_back({s, o});
      }
    }
    inputs_.push_back(std::move(input));
  }
}

void Executor::place_residents() {
  for (std::size_t i = 0; i < plan_.slots.size(); ++i) {
    const Slot& slot = plan_.slots[i];
    if (slot.storage != Storage::resident) continue;
    resident_of_slot_[i] = &store_->resident(recipe(static_cast<std::int32_t>(i)), slot.bytes);
    peak_bytes_ += slot.bytes;
  }
}

void Executor::prepare_steps() {
  for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
    const Step& step = plan_.steps[s];
    Launch launch;
    launch.kernel = store_->device().prepare(plan_.view(step));
    for (const std::int32_t slot : step.operands) launch.operands.push_back(slot < 0 ? nullptr : address_[slot]);
    for (const std::int32_t slot : step.results) launch.results.push_back(slot < 0 ? nullptr : address_[slot]);
    if (step.workspace_bytes > 0) launch.workspace = arena_->device_data() + step.workspace_offset;
    if (s < setup_steps_) {
      for (const std::int32_t slot : step.operands) collect_saved(slot, launch.made_of);
      for (const std::int32_t slot : step.results) {
        if (slot >= 0 && plan_.slots[slot].storage == Storage::resident)
          launch.makes.push_back(resident_of_slot_[slot]);
      }
    }
    const Node& node = plan_.graph.node(step.node);
    for (const StateUpdate& update : node.op->updates) {
      const std::int32_t slot = update.operand < step.operands.size() ? step.operands[update.operand] : -1;
      if (slot >= 0 && saved_of_slot_[slot] != nullptr) updated_.push_back(saved_of_slot_[slot]);
    }
    steps_.push_back(std::move(launch));
  }
}

void Executor::bind(std::size_t i, std::span<const std::byte> bytes) {
  Input& input = inputs_.at(i);
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(bytes.size()) == plan_.slots[input.slot].bytes,
                  "an input was given another size");
  input.has_next = false;
  if (input.buffers[0] != nullptr) return store_->device().upload(input.buffers[input.turn]->device_data(), bytes);
  // Kernels do not write to their operands; the interface has one type for both.
  use_address(input, const_cast<std::byte*>(bytes.data()));
}

void Executor::use_address(const Input& input, std::byte* address) {
  for (const InputUse& use : input.uses) steps_[use.step].operands[use.operand] = address;
}

std::byte* Executor::next_buffer(Input& input) {
  FCNGRAPH_ASSERT(input.buffers[1] != nullptr, "an input that takes no turns was given what comes next");
  input.has_next = true;
  return input.buffers[1 - input.turn]->device_data();
}

void Executor::bind_next(std::size_t i, std::span<const std::byte> bytes) {
  Input& input = inputs_.at(i);
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(bytes.size()) == plan_.slots[input.slot].bytes,
                  "an input was given another size");
  std::byte* const to = next_buffer(input);
  store_->device().upload_beside(to, bytes, input.read_until[1 - input.turn]);
}

void Executor::gather_next(std::size_t i, std::span<const std::byte* const> pieces, std::size_t bytes_each) {
  Input& input = inputs_.at(i);
  FCNGRAPH_ASSERT(static_cast<std::int64_t>(pieces.size() * bytes_each) == plan_.slots[input.slot].bytes,
                  "an input was given another size");
  std::byte* const to = next_buffer(input);
  store_->device().gather_beside(to, pieces, bytes_each, input.read_until[1 - input.turn]);
}

void Executor::forget_next() {
  for (Input& input : inputs_) input.has_next = false;
}

void Executor::take_turns() {
  for (Input& input : inputs_) {
    if (!std::exchange(input.has_next, false)) continue;
    input.turn = 1 - input.turn;
    address_[input.slot] = input.buffers[input.turn]->device_data();
    use_address(input, address_[input.slot]);
  }
}

void Executor::launch(Launch& step) {
  const LaunchArgs args{step.operands, step.results, step.workspace};
  if (step.before) step.before(args);
  step.kernel->launch(args);
  if (step.after) step.after(args);
}

void Executor::watch(std::size_t s, bool after, Look look) {
  if (!store_->on_host()) return;
  Launch& step = steps_.at(s);
  (after ? step.after : step.before) = std::move(look);
}

void Executor::launch_all(bool updates, std::vector<double>* seconds) {
  using Clock = std::chrono::steady_clock;
  const RunScope scope(store_->device());
  run_setup();
  // Said before the launches: a run that fails half-way has changed them too. No setup step of this plan reads them.
  for (SavedTensor* tensor : updated_) store_->touch(*tensor);
  seen_clock_ = store_->clock();
  if (seconds != nullptr) seconds->assign(plan_.steps.size(), 0.0);
  for (std::size_t s = setup_steps_; s < steps_.size(); ++s) {
    if (!updates && plan_.steps[s].phase == Phase::update) continue;
    const auto begin = seconds != nullptr ? Clock::now() : Clock::time_point();
    launch(steps_[s]);
    if (seconds == nullptr) continue;
    store_->device().synchronize();
    (*seconds)[s] = std::chrono::duration<double>(Clock::now() - begin).count();
  }
}

void Executor::run(bool updates, std::vector<double>* seconds) {
  take_turns();
  launch_all(updates, seconds);
  store_->device().synchronize();
}

void Executor::start(bool updates) {
  take_turns();
  launch_all(updates, nullptr);
  started_ = store_->device().mark();
  for (Input& input : inputs_) input.read_until[input.turn] = started_;
}

void Executor::finish() { store_->device().wait(started_); }

std::string NotFinite::text() const {
  return fmt::format("'{}' ({}){}", step, op, operand.empty() ? std::string() : ", which reads '" + operand + "'");
}

bool Executor::is_finite(std::int32_t slot, const std::byte* address) const {
  if (slot < 0 || address == nullptr) return true;
  const Slot& of = plan_.slots[static_cast<std::size_t>(slot)];
  const auto all = [&]<class Bits>(Bits exponent) {
    const auto* bits = reinterpret_cast<const Bits*>(address);
    return std::none_of(bits, bits + of.bytes / static_cast<std::int64_t>(sizeof(Bits)),
                        [=](Bits x) { return (x & exponent) == exponent; });
  };
  switch (of.type.dtype) {
    case DType::f32:
      return all(std::uint32_t{0x7F800000});
    case DType::f64:
      return all(std::uint64_t{0x7FF0000000000000});
    case DType::f16:
      return all(std::uint16_t{0x7C00});
    case DType::bf16:
      return all(std::uint16_t{0x7F80});
    default:
      return true;
  }
}

std::optional<NotFinite> Executor::find_not_finite() {
  if (!store_->on_host()) return std::nullopt;
  const RunScope scope(store_->device());
  for (std::size_t s = setup_steps_; s < steps_.size(); ++s) {
    const Step& step = plan_.steps[s];
    if (step.phase == Phase::update) continue;
    Launch& at = steps_[s];
    // Before the launch, which may write over what it reads.
    std::string operand;
    for (std::size_t o = 0; o < at.operands.size() && operand.empty(); ++o) {
      const std::int32_t slot = step.operands[o];
      if (slot < 0 || plan_.slots[static_cast<std::size_t>(slot)].storage == Storage::arena) continue;
      if (!is_finite(slot, at.operands[o])) operand = plan_.slots[static_cast<std::size_t>(slot)].name;
    }
    at.kernel->launch({at.operands, at.results, at.workspace});
    store_->device().synchronize();
    for (std::size_t r = 0; r < at.results.size(); ++r) {
      if (!is_finite(step.results[r], at.results[r]))
        return NotFinite{step.name, plan_.graph.node(step.node).op->name, operand};
    }
  }
  return std::nullopt;
}

void Executor::run_observed(const Observer& look) {
  const RunScope scope(store_->device());
  run_setup();
  std::vector<std::byte> copy;
  for (std::size_t s = setup_steps_; s < steps_.size(); ++s) {
    const Step& step = plan_.steps[s];
    if (step.phase == Phase::update) continue;
    Launch& at = steps_[s];
    launch(at);
    store_->device().synchronize();
    for (std::size_t r = 0; r < at.results.size(); ++r) {
      if (step.results[r] < 0 || at.results[r] == nullptr) continue;
      const auto bytes = static_cast<std::size_t>(plan_.slots[static_cast<std::size_t>(step.results[r])].bytes);
      if (!store_->on_host()) {
        copy.resize(bytes);
        store_->device().download(copy, at.results[r]);
      }
      look(s, step.results[r], {store_->on_host() ? at.results[r] : copy.data(), bytes});
    }
  }
}

std::byte* Executor::input_address(std::size_t i) const {
  const auto& uses = inputs_.at(i).uses;
  return uses.empty() ? nullptr : steps_[uses.front().step].operands[uses.front().operand];
}

HostTensor Executor::read(std::size_t i) const {
  const std::int32_t index = plan_.outputs.at(i).second;
  const Slot& slot = plan_.slots[index];
  FCNGRAPH_ASSERT(slot.type.layout.is_plain(), "an output has a layout of its own");
  HostTensor tensor{{slot.type.dtype, slot.type.shape, {}},
                    std::vector<std::byte>(static_cast<std::size_t>(slot.bytes))};
  store_->device().download(tensor.data, address_[index]);
  return tensor;
}

Mark Executor::take(std::size_t i, HostTensor& to) {
  const std::int32_t index = plan_.outputs.at(i).second;
  const Slot& slot = plan_.slots[index];
  FCNGRAPH_ASSERT(slot.type.layout.is_plain(), "an output has a layout of its own");
  to = {{slot.type.dtype, slot.type.shape, {}}, std::vector<std::byte>(static_cast<std::size_t>(slot.bytes))};
  return store_->device().download_beside(to.data, address_[index]);
}

void Executor::read_part(std::size_t i, std::int64_t offset, std::span<std::byte> to) const {
  const std::int32_t index = plan_.outputs.at(i).second;
  FCNGRAPH_ASSERT(offset >= 0 && offset + static_cast<std::int64_t>(to.size()) <= plan_.slots[index].bytes,
                  "a part of an output lies beyond it");
  store_->device().download(to, address_[index] + offset);
}

}  // namespace fcngraph
