// SPDX-License-Identifier: Apache-2.0
// What an executor does once for its weights: setup steps, whose results stay, are kept in files, or come from there.
#include <fmt/format.h>

#include <algorithm>

#include <fcngraph/engine/op.h>

#include "executor.h"
#include "hash.h"

namespace fcngraph {
namespace {

bool is_current(const std::vector<ResidentTensor*>& makes, const std::vector<SavedTensor*>& made_of) {
  return !makes.empty() && std::all_of(makes.begin(), makes.end(), [&](const ResidentTensor* tensor) {
    return tensor->valid &&
           std::equal(tensor->made_of.begin(), tensor->made_of.end(), made_of.begin(), made_of.end(),
                      [](std::uint64_t version, const SavedTensor* now) { return version == now->version; });
  });
}

void become_current(const std::vector<ResidentTensor*>& makes, const std::vector<SavedTensor*>& made_of) {
  for (ResidentTensor* tensor : makes) {
    tensor->made_of.clear();
    for (const SavedTensor* now : made_of) tensor->made_of.push_back(now->version);
    tensor->valid = true;
  }
}

}  // namespace

// Two plans that make the same thing of the same tensors share it, whatever they call it.
std::string Executor::recipe(std::int32_t index) const {
  if (index < 0) return "-";
  const Slot& slot = plan_.slots[index];
  if (slot.storage == Storage::constant) {
    const auto& data = plan_.graph.value(slot.value).data;
    return fmt::format("{} {:016x}", to_string(slot.type), content_hash(data));
  }
  if (producer_[index] < 0) return slot.name;
  const Step& step = plan_.steps[producer_[index]];
  const Node& node = plan_.graph.node(step.node);
  std::string text = fmt::format("{}{{", node.op->name);
  for (const auto& [key, value] : node.attrs.to_map()) text += fmt::format("{}={} ", key, to_string(value));
  text += "}(";
  for (const std::int32_t operand : step.operands) text += recipe(operand) + ", ";
  const auto result = std::find(step.results.begin(), step.results.end(), index) - step.results.begin();
  return text + fmt::format(")#{} {} by {}", result, to_string(slot.type), step.kernel);
}

void Executor::collect_saved(std::int32_t slot, std::vector<SavedTensor*>& out) const {
  if (slot < 0) return;
  if (saved_of_slot_[slot] != nullptr) out.push_back(saved_of_slot_[slot]);
  if (producer_[slot] < 0) return;
  for (const std::int32_t operand : plan_.steps[producer_[slot]].operands) collect_saved(operand, out);
}

// The recipe with the contents that it is of; empty where these are not known, and nothing is to be kept.
std::string Executor::kept_recipe(std::size_t s) const {
  const Launch& step = steps_[s];
  if (step.makes.size() != 1 || plan_.steps[s].results.size() != 1 || step.made_of.empty()) return {};
  if (step.makes[0]->bytes < kWorthKeeping) return {};
  std::string text = recipe(plan_.steps[s].results[0]);
  for (const SavedTensor* tensor : step.made_of) {
    if (!tensor->hash || tensor->folder == nullptr) return {};
    text += fmt::format(" {}={:016x}", tensor->name, *tensor->hash);
  }
  return text;
}

void Executor::run_setup() {
  if (seen_clock_ == store_->clock() && seen_moves_ == store_->moves()) return;
  for (std::size_t s = 0; s < setup_steps_; ++s) {
    Launch& step = steps_[s];
    if (is_current(step.makes, step.made_of)) continue;
    const std::string kept = kept_recipe(s);
    PackedFolder* folder = kept.empty() ? nullptr : step.made_of[0]->folder.get();
    if (folder != nullptr) {
      if (auto buffer = folder->find(kept, static_cast<std::size_t>(step.makes[0]->bytes))) {
        store_->fill(*step.makes[0], *buffer);
        become_current(step.makes, step.made_of);
        continue;
      }
    }
    for (ResidentTensor* tensor : step.makes) store_->make_room(*tensor);
    resolve_addresses();
    launch(step);
    ++setup_runs_;
    become_current(step.makes, step.made_of);
    store_->device().synchronize();
    for (SavedTensor* tensor : step.made_of) {
      if (tensor->mapped != nullptr) tensor->mapped->release();
    }
    if (folder != nullptr) {
      folder->keep(kept, {step.makes[0]->buffer->host(), step.makes[0]->buffer->size()});
    }
  }
  resolve_addresses();
  seen_clock_ = store_->clock();
}

void Executor::resolve_addresses() {
  if (seen_moves_ == store_->moves()) return;
  seen_moves_ = store_->moves();
  for (std::size_t i = 0; i < plan_.slots.size(); ++i) {
    Buffer* buffer = nullptr;
    if (saved_of_slot_[i] != nullptr)
      buffer = saved_of_slot_[i]->buffer.get();
    else if (resident_of_slot_[i] != nullptr)
      buffer = resident_of_slot_[i]->buffer.get();
    else
      continue;
    address_[i] = buffer != nullptr ? buffer->device_data() : nullptr;
  }
  const auto resolve = [&](const std::vector<std::int32_t>& slots, std::vector<std::byte*>& addresses) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (slots[i] >= 0 && (saved_of_slot_[slots[i]] != nullptr || resident_of_slot_[slots[i]] != nullptr))
        addresses[i] = address_[slots[i]];
    }
  };
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    resolve(plan_.steps[s].operands, steps_[s].operands);
    resolve(plan_.steps[s].results, steps_[s].results);
  }
}

}  // namespace fcngraph
