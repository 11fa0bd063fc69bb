// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/dataset.h>
#include <fcngraph/program.h>

#include "cache/feature_cache.h"
#include "cache/resident_samples.h"
#include "data/sample_cache.h"
#include "tensor_store.h"
#include "training/batch_inputs.h"
#include "training/feature_sessions.h"

namespace fcngraph::training {

/// The values at the cut for the samples of a split: from the cache where they are there, else made by the feature program and kept.
/// As a SampleCache it tells a loader what need not be decoded.
class SampleFeatures final : public data::SampleCache {
 public:
  /// Everything given must outlive it.
  SampleFeatures(Program features, FeatureSessions& sessions, cache::FeatureCache& cache, const Dataset& dataset,
                 Split split);

  std::shared_ptr<const KeptSample> find(std::int64_t index, bool flipped) override;
  bool read_labels(std::int64_t index, bool flipped, std::span<std::uint8_t> labels) override;
  void keep_labels(std::int64_t index, bool flipped, std::span<const std::uint8_t> labels) override;

  const Program& program() const noexcept { return program_; }
  /// Whether this program makes, in the same types sample by sample, what `step` reads of `features`.
  bool feeds(const Program& features, const Program& step) const;
  /// Fills the inputs that are values at the cut; the samples from `first` on, zeros where there are none. Throws as a session does.
  void fill(const data::Batch& batch, BatchInputs& inputs, std::int64_t first = 0);
  /// The same for the next run of `step`, which reads them. With `reside`, samples come from where they lie on the device.
  void bring(const data::Batch& batch, BatchInputs& inputs, Session& step, std::int64_t first);
  /// From here on samples that `bring` sees stay in the memory of the device that `step` is on, as many as its memory has room for
  /// within `limit` bytes, what programs still need apart. Does nothing where the device does not work beside the host.
  void reside(const Session& step, std::int64_t limit);
  /// "64 samples stay on the device, 121.0 MiB; the others are streamed"; empty where none does.
  std::string describe_residents() const;
  /// "block3_pool and fc6 are kept of each sample, 1.9 MiB"
  std::string describe() const;
  /// Samples that were found since the last call.
  std::int64_t take_hits();

 private:
  using Complete = std::vector<std::shared_ptr<const KeptSample>>;
  struct Output {
    std::string name;
    TensorType type;
    std::size_t bytes = 0;  ///< a sample
    cache::CacheKey recipe;
  };
  SampleKey sample_key(std::int64_t index);
  cache::CacheKey key(const Output& output, const SampleKey& sample, bool flipped) const;
  cache::CacheKey labels_key(const SampleKey& sample, bool flipped) const;
  Complete complete(const data::Batch& batch, std::int64_t first, std::int64_t count);
  std::vector<std::vector<std::byte>> values_of(const KeptSample& sample) const;
  void write(const data::Batch& batch, std::int64_t first, const Complete& all, BatchInputs& inputs) const;
  void gather(std::span<const cache::SampleId> ids, const Complete& all, Session& step);

  Program program_;
  FeatureSessions& sessions_;
  cache::FeatureCache& cache_;
  const Dataset& dataset_;
  Split split_;
  std::vector<Output> outputs_;
  std::string label_recipe_;
  int threads_ = 1;
  BatchInputs images_;
  std::int64_t hits_ = 0;
  std::shared_ptr<TensorStore> store_;                 ///< whose device the residents are on
  std::unique_ptr<cache::ResidentSamples> residents_;  ///< null: samples are the host's
  std::mutex mutex_;
  std::vector<std::optional<SampleKey>> keys_;  ///< of samples seen
};

}  // namespace fcngraph::training
