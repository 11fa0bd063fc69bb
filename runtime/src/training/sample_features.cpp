// SPDX-License-Identifier: Apache-2.0
#include "training/sample_features.h"

#include <omp.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/plan.h>

#include "cache/recipe.h"
#include "data_classes.h"
#include "memory_budget.h"
#include "program_impl.h"
#include "session_impl.h"

namespace fcngraph {

struct KeptSample {
  /// Of each output of the feature program; none where the sample was found on the device.
  std::vector<std::shared_ptr<const cache::CacheEntry>> values;
};

namespace training {
namespace {

/// Device memory that is left alone whatever else is known: outputs on their way out, captured runs.
constexpr std::int64_t kSpareBytes = std::int64_t{256} << 20;

std::int64_t bytes_of_sample(const TensorType& type) { return bytes_of(type) / type.shape[0]; }

bool is_same_by_sample(const TensorType& a, const TensorType& b) {
  return a.dtype == b.dtype && a.shape.rank() == b.shape.rank() && a.layout.tag == b.layout.tag &&
         std::equal(a.shape.dims().begin() + 1, a.shape.dims().end(), b.shape.dims().begin() + 1) &&
         bytes_of_sample(a) == bytes_of_sample(b);
}

}  // namespace

SampleFeatures::SampleFeatures(Program features, FeatureSessions& sessions, cache::FeatureCache& cache,
                               const Dataset& dataset, Split split)
    : program_(std::move(features)),
      sessions_(sessions),
      cache_(cache),
      dataset_(dataset),
      split_(split),
      images_(program_),
      keys_(static_cast<std::size_t>(dataset.size(split))) {
  const auto& impl = program_.impl();
  const auto recipes = cache::recipes_of(program_, sessions.weights(), sessions.seed(), sessions.hashes());
  for (const auto& [name, slot] : impl.plan.outputs) {
    const TensorType& type = impl.plan.slots[static_cast<std::size_t>(slot)].type;
    outputs_.push_back({name, type, static_cast<std::size_t>(bytes_of_sample(type)), recipes.at(name)});
  }
  const auto& data = impl.model.spec().data;
  label_recipe_ = fmt::format("labels {} {}x{} padding {} mixed {} half {}", static_cast<int>(data.resize),
                              impl.inputs.height, impl.inputs.width, padding_label(data), data.bilinear_labels,
                              data.bilinear_labels && data.half_precision);
  threads_ = impl.policy.threads > 0 ? impl.policy.threads : omp_get_max_threads();
}

bool SampleFeatures::feeds(const Program& features, const Program& step) const {
  const auto made = features.outputs();
  return std::all_of(step.plan().inputs.begin(), step.plan().inputs.end(), [&](const auto& input) {
    const auto& [name, slot] = input;
    if (std::find(made.begin(), made.end(), name) == made.end()) return true;
    const auto& type = step.plan().slots[static_cast<std::size_t>(slot)].type;
    return std::any_of(outputs_.begin(), outputs_.end(), [&, &name = name](const Output& output) {
      return output.name == name && is_same_by_sample(output.type, type);
    });
  });
}

// Files are read once a run to learn what they hold; they are not expected to change under it.
SampleKey SampleFeatures::sample_key(std::int64_t index) {
  const auto at = static_cast<std::size_t>(index);
  {
    const std::lock_guard lock(mutex_);
    if (keys_[at]) return *keys_[at];
  }
  const SampleKey key = dataset_.key(split_, index);
  const std::lock_guard lock(mutex_);
  keys_[at] = key;
  return key;
}

cache::CacheKey SampleFeatures::key(const Output& output, const SampleKey& sample, bool flipped) const {
  return cache::key_of(fmt::format("{} of {:016x} flipped {} half {}", cache::to_hex(output.recipe), sample.image,
                                   flipped, cache_.half()));
}

cache::CacheKey SampleFeatures::labels_key(const SampleKey& sample, bool flipped) const {
  return cache::key_of(fmt::format("{} of {:016x} flipped {}", label_recipe_, sample.labels, flipped));
}

std::shared_ptr<const KeptSample> SampleFeatures::find(std::int64_t index, bool flipped) {
  if (residents_ && residents_->find({index, flipped})) return std::make_shared<KeptSample>();
  const SampleKey sample = sample_key(index);
  auto kept = std::make_shared<KeptSample>();
  for (const Output& output : outputs_) {
    auto entry = cache_.find(key(output, sample, flipped), output.type.dtype, output.bytes);
    if (!entry) return nullptr;
    kept->values.push_back(std::move(entry));
  }
  return kept;
}

bool SampleFeatures::read_labels(std::int64_t index, bool flipped, std::span<std::uint8_t> labels) {
  const auto entry = cache_.find(labels_key(sample_key(index), flipped), DType::u8, labels.size());
  if (entry) entry->decode(std::as_writable_bytes(labels));
  return entry != nullptr;
}

void SampleFeatures::keep_labels(std::int64_t index, bool flipped, std::span<const std::uint8_t> labels) {
  cache_.keep(labels_key(sample_key(index), flipped), DType::u8, std::as_bytes(labels), "labels");
}

// What was kept of so many samples, and of those of which nothing was, what the feature program makes of them now.
SampleFeatures::Complete SampleFeatures::complete(const data::Batch& batch, std::int64_t first, std::int64_t count) {
  const std::int64_t valid = std::min(count, batch.valid - first);
  const auto begin = batch.kept.begin() + static_cast<std::ptrdiff_t>(first);
  Complete all(begin, begin + static_cast<std::ptrdiff_t>(valid));
  all.resize(static_cast<std::size_t>(count));
  const auto is_missing = [&](std::int64_t n) { return !all[static_cast<std::size_t>(n)]; };
  std::int64_t missing = 0;
  for (std::int64_t n = 0; n < valid; ++n) missing += is_missing(n) ? 1 : 0;
  hits_ += valid - missing;
  if (missing == 0) return all;
  Session& session = sessions_.open(program_);
  images_.fill(batch, first);
  session.step(images_.tensors());
  std::vector<std::byte> value;
  for (std::int64_t n = 0; n < valid; ++n) {
    if (!is_missing(n)) continue;
    const auto at = static_cast<std::size_t>(first + n);
    const SampleKey sample = sample_key(batch.samples[at]);
    auto made = std::make_shared<KeptSample>();
    for (const Output& output : outputs_) {
      value.resize(output.bytes);
      session.read_samples(output.name, n, value);
      made->values.push_back(
          cache_.keep(key(output, sample, batch.flipped[at] != 0), output.type.dtype, value, output.name));
    }
    all[static_cast<std::size_t>(n)] = std::move(made);
  }
  return all;
}

void SampleFeatures::fill(const data::Batch& batch, BatchInputs& inputs, std::int64_t first) {
  write(batch, first, complete(batch, first, inputs.batch()), inputs);
}

void SampleFeatures::write(const data::Batch& batch, std::int64_t first, const Complete& all,
                           BatchInputs& inputs) const {
  const auto is_resident = [](const auto& kept) { return kept && kept->values.empty(); };
  for (std::size_t v = 0; v < outputs_.size(); ++v) {
    Tensor* to = inputs.find(outputs_[v].name);
    if (to == nullptr) continue;
    const std::size_t bytes = outputs_[v].bytes;
#pragma omp parallel for schedule(static) num_threads(threads_)
    for (std::int64_t n = 0; n < inputs.batch(); ++n) {
      const auto sample = std::span(to->data).subspan(static_cast<std::size_t>(n) * bytes, bytes);
      if (is_resident(all[static_cast<std::size_t>(n)])) continue;
      if (const auto& kept = all[static_cast<std::size_t>(n)]) {
        kept->values[v]->decode(sample);
      } else {
        std::fill(sample.begin(), sample.end(), std::byte{});
      }
    }
    for (std::size_t n = 0; n < all.size(); ++n) {
      if (!is_resident(all[n])) continue;
      const auto at = static_cast<std::size_t>(first) + n;
      store_->device().download(std::span(to->data).subspan(n * bytes, bytes),
                                residents_->address({batch.samples[at], batch.flipped[at] != 0}, v));
    }
  }
}

void SampleFeatures::reside(const Session& step, std::int64_t limit) {
  if (!step.works_beside_host() || residents_) return;
  auto& impl = step.impl();
  const Plan& plan = impl.program.impl().plan;
  const Backend& backend = impl.store->backend();
  std::vector<std::size_t> sizes;
  for (const Output& output : outputs_) sizes.push_back(output.bytes);
  const bool flips = split_ == Split::train && *program_.impl().model.spec().train.flip;
  cache::ResidentSamples::Room room;
  room.samples = dataset_.size(split_) * (flips ? 2 : 1);
  room.limit = limit;
  // What is allocated later: packed weights in the first run, the feature program whenever samples are missing, and what goes through
  // the device on its way out.
  room.reserve = checked_add(checked_add(plan.resident_bytes, bytes_needed(program_.plan(), backend)), kSpareBytes);
  store_ = impl.store;
  residents_ = std::make_unique<cache::ResidentSamples>(store_->device(), std::move(sizes), room);
}

std::vector<std::vector<std::byte>> SampleFeatures::values_of(const KeptSample& sample) const {
  std::vector<std::vector<std::byte>> values(outputs_.size());
  for (std::size_t v = 0; v < values.size(); ++v) {
    values[v].resize(outputs_[v].bytes);
    sample.values[v]->decode(values[v]);
  }
  return values;
}

void SampleFeatures::bring(const data::Batch& batch, BatchInputs& inputs, Session& step, std::int64_t first) {
  if (!residents_) return fill(batch, inputs, first);
  const auto all = complete(batch, first, inputs.batch());
  std::vector<cache::SampleId> ids(all.size());
  for (std::size_t n = 0; n < all.size(); ++n) {
    if (!all[n]) continue;
    const auto at = static_cast<std::size_t>(first) + n;
    ids[n] = {batch.samples[at], batch.flipped[at] != 0};
    if (residents_->find(ids[n])) continue;
    const auto values = values_of(*all[n]);
    if (residents_->add(ids[n], values)) continue;
    // Not even a batch can pass through the device: then it goes the way of all inputs.
    if (!residents_->pass(n, all.size(), values)) return write(batch, first, all, inputs);
  }
  gather(ids, all, step);
}

void SampleFeatures::gather(std::span<const cache::SampleId> ids, const Complete& all, Session& step) {
  Executor& executor = step.impl().executor;
  const auto& bound = executor.plan().inputs;
  std::vector<const std::byte*> pieces(all.size());
  for (std::size_t v = 0; v < outputs_.size(); ++v) {
    const auto input = std::find_if(bound.begin(), bound.end(),
                                    [&](const auto& candidate) { return candidate.first == outputs_[v].name; });
    if (input == bound.end()) continue;
    for (std::size_t n = 0; n < all.size(); ++n) {
      const std::byte* const resident = all[n] ? residents_->address(ids[n], v) : nullptr;
      pieces[n] = !all[n] || resident != nullptr ? resident : residents_->passing(n, v);
    }
    executor.gather_next(static_cast<std::size_t>(input - bound.begin()), pieces, outputs_[v].bytes);
  }
}

std::string SampleFeatures::describe_residents() const {
  if (!residents_ || residents_->samples() == 0) return {};
  return fmt::format("features of {} samples stay on the device, {}{}", residents_->samples(),
                     human_bytes(residents_->bytes()),
                     residents_->is_full() ? "; those of the others are streamed" : "");
}

std::string SampleFeatures::describe() const {
  std::vector<std::string> names;
  std::int64_t bytes = 0;
  for (const Output& output : outputs_) {
    names.push_back(output.name);
    bytes += static_cast<std::int64_t>(output.bytes);
  }
  const bool flips = split_ == Split::train && *program_.impl().model.spec().train.flip;
  return fmt::format("kept of each sample{}: {} ({})", flips ? " and of its mirror image" : "", join(names),
                     human_bytes(cache_.half() ? bytes / 2 : bytes));
}

std::int64_t SampleFeatures::take_hits() { return std::exchange(hits_, 0); }

}  // namespace training
}  // namespace fcngraph
