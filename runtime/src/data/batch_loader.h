// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <fcngraph/dataset.h>
#include <fcngraph/dsl/data_spec.h>

#include "data/preprocess.h"
#include "data/sample_cache.h"

namespace fcngraph::data {

struct BatchLoaderOptions {
  Split split = Split::train;
  std::int64_t batch = 1;
  std::int64_t height = 224;
  std::int64_t width = 224;
  dsl::ResizeMode resize = dsl::ResizeMode::letterbox;
  Preprocess preprocess = Preprocess::caffe;
  bool reduce = false;             ///< decodes at a fraction of the size, where nothing wanted is lost by it
  bool half = false;               ///< resizes and preprocesses as binary16 does
  bool mixed_labels = false;       ///< resizes labels as if they were numbers
  std::uint8_t padding = kIgnore;  ///< the label of what is no part of an image
  bool shuffle = false;            ///< a new order each epoch
  bool whole_batches = false;      ///< shuffles batches rather than samples; the one that is not full is among them
  bool flip = false;               ///< mirrors half of the samples, a new half each epoch
  std::uint64_t seed = 0;
  std::int64_t threads = 2;      ///< that decode
  std::int64_t ahead = 3;        ///< batches that may be ready or under way
  std::int64_t held = 1;         ///< batches that stay valid: the one delivered last and those before it
  std::int64_t limit = 0;        ///< uses the first so many samples only; 0: all
  SampleCache* cache = nullptr;  ///< of this split and these options; must outlive the loader
};

/// A batch as a network reads it. The last batch of an epoch is filled up with zero images and kIgnore labels.
struct Batch {
  std::int64_t epoch = 0;
  std::int64_t index = 0;            ///< within the epoch
  std::int64_t valid = 0;            ///< how many samples are real; the others follow them
  std::vector<float> images;         ///< [batch, 3, height, width], preprocessed; anything where a sample is kept
  std::vector<std::uint8_t> labels;  ///< [batch, height, width], classes and kIgnore
  std::vector<std::uint8_t>
      mixed;  ///< [batch, height, width], 1 where the label lay between two classes; empty: nowhere
  std::vector<std::int64_t> samples;                    ///< [batch], index within the split, -1 where padded
  std::vector<std::uint8_t> flipped;                    ///< [batch], 1 where mirrored
  std::vector<std::shared_ptr<const KeptSample>> kept;  ///< [batch], null where the image was decoded
};

/// Delivers the batches of one epoch after the other, without end, decoded ahead by threads of its own. The order and
/// every bit of a batch depend on the options, epoch and index alone, not on threads. One consumer at a time.
class BatchLoader {
 public:
  /// The data set must outlive the loader. Throws GraphError when an option is out of range or the split is empty.
  BatchLoader(const Dataset& dataset, const BatchLoaderOptions& options);
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  std::int64_t samples() const noexcept { return samples_; }
  std::int64_t batches_per_epoch() const noexcept { return batches_per_epoch_; }

  /// Goes to a batch, from wherever it was; `next` delivers that one. Before it: epoch 0, batch 0.
  void start(std::int64_t epoch, std::int64_t batch = 0);

  /// Waits for the next batch. It stays valid until `start`, or until `next` has delivered `held` others. Rethrows, in the order of the
  /// samples, what reading one threw, as an IoError that names its file; the loader is then stopped until `start`.
  const Batch& next();

  /// Seconds that `next` spent waiting since construction.
  double seconds_waited() const;
  /// Samples whose file had damage that the decoder got over: each counted once, however many epochs saw it.
  std::int64_t damaged_samples() const;

  /// The order in which an epoch visits the samples, or the batches where they are what is shuffled.
  static std::vector<std::int64_t> epoch_order(std::int64_t samples, bool shuffle, std::uint64_t seed,
                                               std::int64_t epoch);

 private:
  struct Slot {
    Batch batch;
    std::int64_t pending = 0;     ///< samples still to be decoded
    std::int64_t failed_at = -1;  ///< the first position of the batch that threw
    std::exception_ptr error;
  };

  void stop();
  void work();
  void claim(std::int64_t& batch, std::int64_t& position);
  void open_slot(std::int64_t batch);
  void decode(Slot& slot, std::int64_t position);
  void take_marks(Batch& batch, std::size_t sample) const;
  const std::vector<std::int64_t>& order_of(std::int64_t epoch);

  const Dataset& dataset_;
  const BatchLoaderOptions options_;
  std::int64_t samples_ = 0;
  std::int64_t batches_per_epoch_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable can_decode_, can_deliver_;
  std::vector<std::thread> threads_;
  std::vector<Slot> ring_;  ///< batch b lies in slot b mod size; numbers run on over epochs
  std::int64_t next_ = 0;   ///< the batch that `next` delivers
  std::int64_t freed_ = 0;  ///< batches below this one may be overwritten
  std::int64_t claim_batch_ = 0, claim_position_ = 0;
  std::int64_t ordered_epoch_ = -1;
  std::vector<std::int64_t> order_;
  std::vector<bool> damaged_;
  double waited_ = 0;
  bool stopping_ = false;
};

}  // namespace fcngraph::data
