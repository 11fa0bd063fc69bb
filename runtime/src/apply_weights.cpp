// SPDX-License-Identifier: Apache-2.0
#include "apply_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>

#include <fcngraph/engine/error.h>

#include "hash.h"
#include "initialize.h"
#include "not_finite.h"

namespace fcngraph {
namespace {

bool converts(DType from, DType to) {
  if (from == to) return true;
  return is_floating(from) && (to == DType::f32 || to == DType::f64);
}

void check_type(const std::string& name, const TensorType& wanted, const Weights& weights, Diagnostics& diagnostics) {
  if (!weights.contains(name)) return;
  const TensorType given = weights.type(name);
  if (given.shape == wanted.shape && converts(given.dtype, wanted.dtype)) return;
  const std::string where = weights.source().empty() ? "the weights" : "'" + weights.source() + "'";
  diagnostics.error("E0304", {},
                    fmt::format("tensor '{}' does not fit: the model expects {}, {} have {}", name, to_string(wanted),
                                where, to_string(given)));
}

void check_types(const Executor& executor, const Weights& weights) {
  Diagnostics diagnostics;
  for (const SavedTensor* tensor : executor.saved()) check_type(tensor->name, tensor->type, weights, diagnostics);
  diagnostics.throw_if_errors();
}

std::string why_unused(const std::string& name, const std::set<std::string>& known) {
  constexpr std::string_view kBias = ".bias";
  if (name.ends_with(kBias)) {
    const std::string layer = name.substr(0, name.size() - kBias.size());
    if (known.count(layer + ".weight") > 0) return fmt::format("dropped: '{}' has bias = false", layer);
  }
  return "not in this program";
}

void add_loaded(WeightsReport& report, const Weights& weights, const std::string& name) {
  const TensorOrigin& origin = weights.origin(name);
  report.rows.push_back({name, origin.reshaped ? "reshaped" : "loaded",
                         to_string(weights.type(name)) + (origin.text.empty() ? "" : " ") + origin.text});
  ++report.loaded;
  if (origin.reshaped) ++report.reshaped;
}

void add_unused(WeightsReport& report, const Weights& weights, const std::set<std::string>& known) {
  for (const std::string& name : weights.names()) {
    if (known.count(name) > 0) continue;
    report.rows.push_back({name, "unused", to_string(weights.type(name)) + ", " + why_unused(name, known)});
    ++report.unused;
  }
}

/// Whether a tensor may stay where it lies in a file.
bool can_borrow(TensorStore& store, const SavedTensor& tensor, const Weights& weights) {
  if (!tensor.only_for_setup || !store.on_host() || weights.type(tensor.name).dtype != tensor.type.dtype) return false;
  const auto address = reinterpret_cast<std::uintptr_t>(weights.bytes(tensor.name).data());
  return weights.mapping(tensor.name) != nullptr && address % alignof(std::max_align_t) == 0;
}

// Where packed weights are kept, large tensors are read once in their life: to be checked, and known again.
void check_values(Executor& executor, const Weights& weights) {
  for (const SavedTensor* tensor : executor.saved()) {
    if (!weights.contains(tensor->name)) continue;
    const std::span<const std::byte> bytes = weights.bytes(tensor->name);
    std::shared_ptr<PackedFolder> folder;
    if (static_cast<std::int64_t>(bytes.size()) >= kWorthKeeping && can_borrow(executor.store(), *tensor, weights))
      folder = executor.store().folder_of(weights.mapping(tensor->name));
    if (folder != nullptr && folder->known_hash(bytes)) continue;
    const std::int64_t i = first_not_finite(weights.type(tensor->name), bytes);
    if (i >= 0) throw IoError(weights.source(), not_finite_message(tensor->name, i));
    if (folder != nullptr) folder->learn_hash(bytes, content_hash(bytes));
  }
}

template <class From, class To>
std::vector<std::byte> converted(const Tensor& from) {
  const auto count = static_cast<std::size_t>(from.type.shape.elements());
  std::vector<std::byte> out(count * sizeof(To));
  std::transform(from.as<From>(), from.as<From>() + count, reinterpret_cast<To*>(out.data()),
                 [](From x) { return static_cast<To>(x); });
  return out;
}

void write(TensorStore& store, SavedTensor& tensor, const Weights& weights) {
  if (can_borrow(store, tensor, weights))
    return store.borrow(tensor, weights.mapping(tensor.name), weights.bytes(tensor.name));
  if (weights.type(tensor.name).dtype == tensor.type.dtype) return store.write(tensor, weights.bytes(tensor.name));
  const Tensor given = weights.get(tensor.name);
  if (given.type.dtype == tensor.type.dtype) return store.write(tensor, given.data);
  if (tensor.type.dtype == DType::f64) return store.write(tensor, converted<float, double>(given));
  store.write(tensor, converted<double, float>(given));
}

void start(TensorStore& store, SavedTensor& tensor, const Initializer& init) {
  store.own(tensor);
  if (std::byte* host = tensor.buffer->host(); host != nullptr) {
    initialize(init, store.seed, tensor.name, tensor.type, {host, tensor.buffer->size()});
    store.touch(tensor);
    return;
  }
  std::vector<std::byte> bytes(tensor.buffer->size());
  initialize(init, store.seed, tensor.name, tensor.type, bytes);
  store.write(tensor, bytes);
}

}  // namespace

WeightsReport apply_weights(Executor& executor, const Weights& weights, Fill fill) {
  check_types(executor, weights);
  check_values(executor, weights);
  WeightsReport report;
  std::set<std::string> known;
  const Graph& graph = executor.plan().graph;
  for (SavedTensor* tensor : executor.saved()) {
    known.insert(tensor->name);
    if (weights.contains(tensor->name) && (fill == Fill::all || tensor->version == 0)) {
      write(executor.store(), *tensor, weights);
      if (tensor->folder != nullptr) tensor->folder->keep_hashes();
      add_loaded(report, weights, tensor->name);
    } else if (tensor->version == 0) {
      start(executor.store(), *tensor, graph.value(graph.find_value(tensor->name)).init);
      report.rows.push_back({tensor->name, "at its initialiser", to_string(tensor->type)});
      ++report.initialised;
    } else {
      report.rows.push_back({tensor->name, "left as it was", to_string(tensor->type)});
    }
  }
  add_unused(report, weights, known);
  return report;
}

WeightsReport match_weights(std::span<const Plan* const> plans, const Weights& weights) {
  Diagnostics diagnostics;
  WeightsReport report;
  std::set<std::string> known;
  for (const Plan* plan : plans) {
    for (const Slot& slot : plan->slots) {
      if (slot.storage != Storage::saved || !known.insert(slot.name).second) continue;
      check_type(slot.name, slot.type, weights, diagnostics);
      if (weights.contains(slot.name)) {
        add_loaded(report, weights, slot.name);
      } else {
        report.rows.push_back({slot.name, "at its initialiser", to_string(slot.type)});
        ++report.initialised;
      }
    }
  }
  diagnostics.throw_if_errors();
  add_unused(report, weights, known);
  return report;
}

Weights collect_weights(Executor& executor) {
  Weights weights;
  for (SavedTensor* tensor : executor.saved()) {
    Tensor copy{tensor->type, std::vector<std::byte>(tensor->buffer->size())};
    executor.store().device().download(copy.data, tensor->buffer->device_data());
    weights.set(tensor->name, std::move(copy));
  }
  return weights;
}

}  // namespace fcngraph
