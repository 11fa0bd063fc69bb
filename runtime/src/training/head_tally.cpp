// SPDX-License-Identifier: Apache-2.0
#include "training/head_tally.h"

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

#include "session_impl.h"

namespace fcngraph::training {
namespace {

/// Of the session's last run, where its device counts for itself: whatever is no sample has labels that do not count.
std::optional<ConfusionMatrix> counted_on_device(const Session& session, const std::string& output,
                                                 std::int64_t classes) {
  Session::Impl& impl = session.impl();
  const auto [known, fresh] = impl.confusions.try_emplace(output);
  if (fresh) known->second = DeviceConfusion::make(impl.executor, impl.program.impl().policy, output, classes);
  if (known->second == nullptr) return std::nullopt;
  return known->second->count();
}

}  // namespace

double number_at(const Tensor& tensor, std::int64_t i) {
  FCNGRAPH_ASSERT(i >= 0 && i < tensor.type.shape.elements(), "element out of range");
  switch (tensor.type.dtype) {
    case DType::f32:
      return tensor.as<float>()[i];
    case DType::f64:
      return tensor.as<double>()[i];
    case DType::i32:
      return tensor.as<std::int32_t>()[i];
    case DType::i64:
      return static_cast<double>(tensor.as<std::int64_t>()[i]);
    case DType::u8:
      return tensor.as<std::uint8_t>()[i];
    default:
      throw InternalError(fmt::format("cannot read a number of type {}", name_of(tensor.type.dtype)));
  }
}

void HeadTally::add(const Session& session, const data::Batch& batch, std::int64_t samples, std::int64_t first) {
  const Tensor sums = session.read(name + ".loss_sum");
  const Tensor counts = session.read(name + ".loss_count");
  for (std::int64_t i = 0; i < samples; ++i) {
    loss_sum += number_at(sums, i);
    loss_count += number_at(counts, i);
  }
  if (batch.mixed.empty()) {
    if (const auto counted = counted_on_device(session, name + ".labels", confusion.classes()))
      return confusion.merge(*counted);
  }
  // Into memory that was there for the batch before: fresh memory costs more than the copy.
  const auto each = batch.labels.size() / batch.samples.size();
  predicted.resize(each * static_cast<std::size_t>(samples));
  session.read_samples(name + ".labels", 0, std::as_writable_bytes(std::span(predicted)));
  const auto begin = each * static_cast<std::size_t>(first);
  FCNGRAPH_ASSERT(begin + predicted.size() <= batch.labels.size(), "the batch has fewer labels than the prediction");
  const auto truth = std::span(batch.labels).subspan(begin, predicted.size());
  confusion.add(truth, predicted);
  if (batch.mixed.empty()) return;
  std::vector<std::uint8_t> between(truth.begin(), truth.end());
  for (std::size_t i = 0; i < between.size(); ++i) {
    if (batch.mixed[begin + i] == 0) between[i] = kIgnore;
  }
  if (!fractional) fractional.emplace(confusion.classes());
  fractional->add(between, predicted);
}

void HeadTally::clear() {
  loss_sum = loss_count = 0;
  confusion.clear();
  if (fractional) fractional->clear();
}

std::vector<HeadTally> make_tallies(const std::vector<std::string>& heads, std::int64_t classes) {
  std::vector<HeadTally> tallies;
  for (const auto& head : heads) tallies.emplace_back(head, classes);
  return tallies;
}

}  // namespace fcngraph::training
