// SPDX-License-Identifier: Apache-2.0
#include "memory_budget.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/plan.h>

#include "program_impl.h"

namespace fcngraph {
namespace {

/// Into how many segments the forward part is cut when values are computed again: little first.
constexpr std::array<int, 6> kSegments{2, 3, 4, 6, 8, 12};
/// Operations that a machine does in the time in which it moves a byte, to weigh one against the other.
constexpr double kFlopsPerByte = 12;

/// A way to keep within a budget.
struct Way {
  CompileOptions options;
  Program program;
  std::int64_t bytes = 0;
  double price = 0;  ///< operations more than without a budget
};

class Fitting {
 public:
  Fitting(const Model& model, const CompileOptions& options, bool split)
      : model_(model), options_(options), split_(split) {
    options_.memory_budget = 0;
    budget_ = options.memory_budget;
    if (options_.batch == 0) options_.batch = options.mode == Mode::infer ? 1 : *model.spec().train.batch;
  }

  CompileOptions run() {
    Way whole = way(options_);
    if (fits(whole)) return whole.options;
    if (options_.mode != Mode::train) {
      const auto smaller = largest_batch();
      if (!smaller) refuse();
      return smaller->options;
    }
    std::optional<Way> best = in_parts();
    for (const int segments : kSegments) {
      CompileOptions again = options_;
      again.recompute = segments;
      Way candidate = way(again);
      if (!fits(candidate)) continue;
      if (!best || candidate.price <= best->price) best = std::move(candidate);
      break;
    }
    if (!best) best = in_parts_computed_again();
    if (!best) refuse();
    return best->options;
  }

 private:
  bool fits(const Way& way) const { return way.bytes <= budget_; }

  Way way(const CompileOptions& options) {
    const SplitPrograms programs =
        split_ ? model_.compile_split(options) : SplitPrograms{std::nullopt, model_.compile(options)};
    const Program& program = programs.step;
    const Plan& plan = program.plan();
    // Each part reads and writes all gradients once more.
    const double added = static_cast<double>(program.parts() - 1) * 3 * static_cast<double>(plan.accumulated_bytes());
    const double price = static_cast<double>(program.parts()) * plan.flops(Phase::recompute) + added * kFlopsPerByte;
    const Backend& backend = *program.impl().backend;
    const std::int64_t before_cut = programs.features ? bytes_needed(programs.features->plan(), backend) : 0;
    Way made{options, program, checked_add(bytes_needed(plan, backend), before_cut), price};
    if (!least_ || made.bytes < least_->bytes) least_ = made;
    return made;
  }

  // Of batches that shrink, the largest that fits: what a plan needs grows with its batch.
  std::optional<Way> largest(const std::vector<CompileOptions>& shrinking) {
    std::optional<Way> best;
    std::size_t low = 0, high = shrinking.size();
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      Way candidate = way(shrinking[middle]);
      if (fits(candidate)) {
        best = std::move(candidate);
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return best;
  }

  std::optional<Way> largest_batch() {
    std::vector<CompileOptions> shrinking;
    for (std::int64_t batch = options_.batch - 1; batch >= 1; --batch) {
      shrinking.push_back(options_);
      shrinking.back().batch = batch;
    }
    return largest(shrinking);
  }

  bool may_split() {
    if (options_.batch <= 1) return false;
    return !least_ || !has_batch_statistics(least_->program.plan());
  }

  std::vector<CompileOptions> splits(int recompute) const {
    std::vector<CompileOptions> out;
    std::int64_t images = options_.batch;
    for (std::int64_t parts = 2; parts <= options_.batch; ++parts) {
      const std::int64_t of_part = (options_.batch + parts - 1) / parts;
      if (of_part == images) continue;  // more parts of the same size
      images = of_part;
      out.push_back(options_);
      out.back().parts = parts;
      out.back().recompute = recompute;
    }
    return out;
  }

  std::optional<Way> in_parts() { return may_split() ? largest(splits(0)) : std::nullopt; }

  std::optional<Way> in_parts_computed_again() {
    if (!may_split()) return std::nullopt;
    for (const int segments : kSegments) {
      if (auto found = largest(splits(segments))) return found;
    }
    return std::nullopt;
  }

  [[noreturn]] void refuse() const {
    const Plan& plan = least_->program.plan();
    std::string how =
        fmt::format("{} at a time", least_->program.batch() == 1 ? std::string("one image")
                                                                 : fmt::format("{} images", least_->program.batch()));
    if (plan.flops(Phase::recompute) > 0) how += " and values computed again";
    std::string why;
    if (options_.mode == Mode::train && has_batch_statistics(plan))
      why = "; batch normalisation takes its statistics over the whole batch, which cannot go through in parts";
    throw GraphError(
        fmt::format("a memory budget of {} is too small: the least is {}, with {} ({} for intermediate values, {} of "
                    "weights and {} "
                    "packed for the kernels){}",
                    human_bytes(budget_), human_bytes(least_->bytes), how, human_bytes(plan.arena_bytes),
                    human_bytes(plan.saved_bytes), human_bytes(plan.resident_bytes), why));
  }

  const Model& model_;
  CompileOptions options_;
  const bool split_;
  std::int64_t budget_ = 0;
  std::optional<Way> least_;  ///< what needed least so far
};

}  // namespace

std::size_t input_buffers(const Slot& input, const Backend& backend) {
  return backend.works_beside_host() && input.type.shape.rank() > 1 ? 2 : 1;
}

std::int64_t bytes_needed(const Plan& plan, const Backend& backend) {
  std::int64_t bytes = checked_add(checked_add(plan.arena_bytes, plan.saved_bytes), plan.resident_bytes);
  for (const Slot& slot : plan.slots) {
    if (slot.storage == Storage::constant) bytes = checked_add(bytes, slot.bytes);
    if (slot.storage != Storage::input) continue;
    bytes = checked_add(bytes, checked_mul(static_cast<std::int64_t>(input_buffers(slot, backend)), slot.bytes));
  }
  return bytes;
}

CompileOptions within_budget(const Model& model, const CompileOptions& options, bool split) {
  return Fitting(model, options, split).run();
}

}  // namespace fcngraph
