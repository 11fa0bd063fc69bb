// SPDX-License-Identifier: Apache-2.0
#include "data/batch_loader.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/random.h>
#include <fcngraph/engine/types.h>

#include "data/placement.h"

namespace fcngraph::data {
namespace {

void check(const BatchLoaderOptions& o) {
  const auto at_least = [](const char* what, std::int64_t value, std::int64_t low) {
    if (value < low)
      throw GraphError(fmt::format("{} is out of range, expected at least {}, got {}", what, low, value));
  };
  at_least("batch", o.batch, 1);
  at_least("input height", o.height, 1);
  at_least("input width", o.width, 1);
  at_least("number of decoding threads", o.threads, 1);
  at_least("number of batches decoded ahead", o.ahead, 1);
  at_least("limit of samples", o.limit, 0);
  checked_mul(checked_mul(checked_mul(o.batch, 3), checked_mul(o.height, o.width)),
              static_cast<std::int64_t>(sizeof(float)));
}

// A consumer must learn which file it was, whatever went wrong with it.
std::exception_ptr with_name(const std::string& name) {
  try {
    throw;
  } catch (const IoError&) {
    return std::current_exception();
  } catch (const std::exception& error) {
    return std::make_exception_ptr(IoError(name, error.what()));
  } catch (...) {
    return std::make_exception_ptr(IoError(name, "cannot be read"));
  }
}

}  // namespace

BatchLoader::BatchLoader(const Dataset& dataset, const BatchLoaderOptions& options)
    : dataset_(dataset), options_(options) {
  check(options);
  samples_ = dataset.size(options.split);
  if (options.limit > 0) samples_ = std::min(samples_, options.limit);
  if (samples_ == 0) {
    throw GraphError(fmt::format("data set '{}' has no samples in split '{}'", dataset.name(), name_of(options.split)));
  }
  batches_per_epoch_ = (samples_ + options.batch - 1) / options.batch;
  damaged_.resize(static_cast<std::size_t>(samples_));
  // One more than is decoded ahead: the consumer keeps the batch that it has.
  ring_.resize(static_cast<std::size_t>(options.ahead + options.held));
  const auto plane = options.height * options.width;
  for (auto& slot : ring_) {
    slot.batch.images.resize(static_cast<std::size_t>(options.batch * 3 * plane));
    slot.batch.labels.resize(static_cast<std::size_t>(options.batch * plane));
    if (options.mixed_labels) slot.batch.mixed.resize(slot.batch.labels.size());
    slot.batch.samples.resize(static_cast<std::size_t>(options.batch));
    slot.batch.flipped.resize(static_cast<std::size_t>(options.batch));
    slot.batch.kept.resize(static_cast<std::size_t>(options.batch));
  }
}

BatchLoader::~BatchLoader() { stop(); }

void BatchLoader::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  can_decode_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void BatchLoader::start(std::int64_t epoch, std::int64_t batch) {
  if (epoch < 0 || batch < 0 || batch > batches_per_epoch_) {
    throw GraphError(fmt::format("epoch {}, batch {} is not a position to start from, expected batches 0 to {}", epoch,
                                 batch, batches_per_epoch_));
  }
  stop();
  next_ = freed_ = claim_batch_ = checked_add(checked_mul(epoch, batches_per_epoch_), batch);
  claim_position_ = 0;
  for (auto& slot : ring_) {
    slot.pending = 0;
    slot.failed_at = -1;
    slot.error = nullptr;
  }
  stopping_ = false;
  for (std::int64_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { work(); });
}

std::vector<std::int64_t> BatchLoader::epoch_order(std::int64_t samples, bool shuffle, std::uint64_t seed,
                                                   std::int64_t epoch) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(samples));
  std::iota(order.begin(), order.end(), 0);
  if (!shuffle) return order;
  const auto key = random_key(random_key(seed, "order"), static_cast<std::uint64_t>(epoch));
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_below(key, i, i)]);
  return order;
}

const std::vector<std::int64_t>& BatchLoader::order_of(std::int64_t epoch) {
  if (epoch != ordered_epoch_) {
    order_ =
        epoch_order(options_.whole_batches ? batches_per_epoch_ : samples_, options_.shuffle, options_.seed, epoch);
    ordered_epoch_ = epoch;
  }
  return order_;
}

// Called with the lock held, by the thread that takes a batch's first sample.
void BatchLoader::open_slot(std::int64_t batch) {
  Slot& slot = ring_[static_cast<std::size_t>(batch) % ring_.size()];
  Batch& b = slot.batch;
  b.epoch = batch / batches_per_epoch_;
  b.index = batch % batches_per_epoch_;
  const auto& order = order_of(b.epoch);
  const bool whole = options_.whole_batches;
  const auto first = (whole ? order[static_cast<std::size_t>(b.index)] : b.index) * options_.batch;
  b.valid = std::min(options_.batch, samples_ - first);
  const auto flip_key = random_key(random_key(options_.seed, "flip"), static_cast<std::uint64_t>(b.epoch));
  for (std::int64_t i = 0; i < options_.batch; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const auto sample = i >= b.valid ? -1 : whole ? first + i : order[static_cast<std::size_t>(first + i)];
    b.samples[at] = sample;
    b.flipped[at] =
        sample >= 0 && options_.flip && random_bits(flip_key, static_cast<std::uint64_t>(sample)) >> 63 ? 1 : 0;
  }
  slot.pending = options_.batch;
  slot.failed_at = -1;
  slot.error = nullptr;
}

void BatchLoader::claim(std::int64_t& batch, std::int64_t& position) {
  batch = claim_batch_;
  position = claim_position_;
  if (position == 0) open_slot(batch);
  if (++claim_position_ == options_.batch) {
    claim_position_ = 0;
    ++claim_batch_;
  }
}

void BatchLoader::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    can_decode_.wait(lock,
                     [&] { return stopping_ || claim_batch_ < freed_ + static_cast<std::int64_t>(ring_.size()); });
    if (stopping_) return;
    std::int64_t batch = 0, position = 0;
    claim(batch, position);
    Slot& slot = ring_[static_cast<std::size_t>(batch) % ring_.size()];
    lock.unlock();
    std::exception_ptr error;
    try {
      decode(slot, position);
    } catch (...) {
      const auto sample = slot.batch.samples[static_cast<std::size_t>(position)];
      error = with_name(dataset_.sample_name(options_.split, sample));
    }
    lock.lock();
    if (error && (slot.failed_at < 0 || position < slot.failed_at)) {
      slot.failed_at = position;
      slot.error = error;
    }
    if (--slot.pending == 0) can_deliver_.notify_all();
  }
}

void BatchLoader::decode(Slot& slot, std::int64_t position) {
  const auto at = static_cast<std::size_t>(position);
  const auto plane = static_cast<std::size_t>(options_.height * options_.width);
  const auto image = std::span(slot.batch.images).subspan(at * 3 * plane, 3 * plane);
  const auto labels = std::span(slot.batch.labels).subspan(at * plane, plane);
  const auto index = slot.batch.samples[at];
  auto& kept = slot.batch.kept[at];
  kept = nullptr;
  if (index < 0) {
    std::fill(image.begin(), image.end(), 0.0F);
    std::fill(labels.begin(), labels.end(), kIgnore);
    take_marks(slot.batch, at);
    return;
  }
  const bool flip = slot.batch.flipped[at] != 0;
  SampleCache* cache = options_.cache;
  if (cache != nullptr) kept = cache->find(index, flip);
  const bool labelled = cache != nullptr && cache->read_labels(index, flip, labels);
  if (kept && labelled) return take_marks(slot.batch, at);
  const Size network{options_.height, options_.width};
  const auto rule = [&](ImageSize file) { return reduction_for(options_.resize, {file.height, file.width}, network); };
  const Sample sample =
      options_.reduce ? dataset_.load_reduced(options_.split, index, rule) : dataset_.load(options_.split, index);
  const ImageSize file = sample.image.file_size();
  const auto placement = data::place(options_.resize, {file.height, file.width}, network);
  if (!kept) placement.place(sample.image, options_.preprocess, flip, image, options_.half);
  if (!labelled && options_.mixed_labels) {
    placement.place_mixed(sample.labels, flip, labels, options_.padding, options_.half);
  } else if (!labelled) {
    placement.place(sample.labels, flip, labels, options_.padding);
  }
  if (!labelled && cache != nullptr) cache->keep_labels(index, flip, labels);
  take_marks(slot.batch, at);
  if (sample.image.decoder_warnings > 0) {
    const std::lock_guard lock(mutex_);
    damaged_[static_cast<std::size_t>(index)] = true;
  }
}

// Labels are kept as they were made, marked where they are mixed; a network reads classes.
void BatchLoader::take_marks(Batch& batch, std::size_t sample) const {
  const auto plane = static_cast<std::size_t>(options_.height * options_.width);
  for (std::size_t i = sample * plane; !batch.mixed.empty() && i < (sample + 1) * plane; ++i) {
    auto& label = batch.labels[i];
    batch.mixed[i] = label != kIgnore && label >= kMixed ? 1 : 0;
    if (batch.mixed[i] != 0) label = static_cast<std::uint8_t>(label - kMixed);
  }
}

const Batch& BatchLoader::next() {
  if (threads_.empty()) start(next_ / batches_per_epoch_, next_ % batches_per_epoch_);
  std::unique_lock lock(mutex_);
  // Batches that were handed out before the last ones are done with.
  freed_ = std::max(freed_, next_ - (options_.held - 1));
  can_decode_.notify_all();
  Slot& slot = ring_[static_cast<std::size_t>(next_) % ring_.size()];
  const auto ready = [&] {
    const bool claimed = claim_batch_ > next_;
    return claimed && slot.pending == 0;
  };
  if (!ready()) {
    const auto begin = std::chrono::steady_clock::now();
    can_deliver_.wait(lock, ready);
    waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  if (slot.error) {
    const auto error = slot.error;
    lock.unlock();
    stop();
    std::rethrow_exception(error);
  }
  ++next_;
  return slot.batch;
}

double BatchLoader::seconds_waited() const {
  const std::lock_guard lock(mutex_);
  return waited_;
}

std::int64_t BatchLoader::damaged_samples() const {
  const std::lock_guard lock(mutex_);
  return std::count(damaged_.begin(), damaged_.end(), true);
}

}  // namespace fcngraph::data
