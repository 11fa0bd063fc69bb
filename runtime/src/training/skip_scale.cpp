// SPDX-License-Identifier: Apache-2.0
#include "training/skip_scale.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include <fcngraph/dsl/build.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/plan.h>

#include "training/evaluation.h"

namespace fcngraph::training {
namespace {

/// A head whose feature is measured.
struct Measured {
  std::string head;
  std::optional<double> scale;  ///< that it has already; unset: to be set

  std::string state() const { return head + ".scale"; }
};

std::vector<Measured> heads_to_measure(const Model& model, const Weights& given, bool with_fixed) {
  std::vector<Measured> heads;
  bool all_given = true;
  for (const dsl::HeadSpec* head : dsl::heads_of(model.spec())) {
    Measured measured{*head->name, {}};
    const bool known = given.contains(measured.state());
    if (head->scale) {
      measured.scale = **head->scale;
    } else if (known) {
      measured.scale = static_cast<double>(*given.get(measured.state()).as<float>());
    }
    all_given = all_given && !head->scale && known;
    if (with_fixed || !measured.scale) heads.push_back(std::move(measured));
  }
  // One feature alone is compared with nothing.
  if (all_given || (heads.size() == 1 && heads[0].scale)) heads.clear();
  return heads;
}

/// Sums image by image, so that the batch's size does not change a bit.
struct SquareSum {
  double sum = 0;
  std::int64_t count = 0;

  void add(const Tensor& feature, std::int64_t images) {
    FCNGRAPH_ASSERT(feature.type.dtype == DType::f32 && feature.type.shape.rank() == 4, "a tap is f32 [N, C, H, W]");
    const auto each = feature.type.shape.elements() / feature.type.shape[0];
    for (std::int64_t n = 0; n < images; ++n) {
      double of_image = 0;
      const float* values = feature.as<float>() + n * each;
      for (std::int64_t i = 0; i < each; ++i) of_image += static_cast<double>(values[i]) * values[i];
      sum += of_image;
      count += each;
    }
  }
  double rms() const { return count > 0 ? std::sqrt(sum / static_cast<double>(count)) : 0.0; }
};

}  // namespace

std::vector<std::pair<std::string, double>> measure_skip_scales(const Model& model, const Dataset& dataset,
                                                                RunningProgram& trained, const Weights& given,
                                                                ProgramStarter& starter, CompileOptions compile,
                                                                bool with_fixed,
                                                                const std::function<void(std::string_view)>& log) {
  const auto heads = heads_to_measure(model, given, with_fixed);
  if (heads.empty()) return {};
  compile.mode = Mode::infer;
  for (const auto& measured : heads) {
    compile.heads.push_back(measured.head);
    compile.fetch.push_back(measured.head + ".tap");
  }
  compile.frontier = cut_of(trained);
  auto running = starter.start_behind(compile, trained);
  if (!running) running = starter.start(compile, Split::train);
  const Program& program = running->program;

  auto options = loader_options(model, *running, Split::train);
  options.limit = kScaleSamples;
  data::BatchLoader loader(dataset, options);
  std::vector<SquareSum> sums(heads.size());
  for (std::int64_t b = 0; b < loader.batches_per_epoch(); ++b) {
    const auto& batch = loader.next();
    running->fill(batch);
    running->session.step(running->inputs.tensors());
    for (std::size_t i = 0; i < heads.size(); ++i)
      sums[i].add(running->session.read(heads[i].head + ".tap"), batch.valid);
  }

  Weights scales;
  std::vector<std::pair<std::string, double>> scaled;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const double rms = sums[i].rms();
    scaled.emplace_back(heads[i].head, rms * heads[i].scale.value_or(1.0));
    if (heads[i].scale) continue;
    const auto name = heads[i].state();
    if (!std::isfinite(rms) || rms <= 0 || !std::isfinite(1.0 / static_cast<float>(rms))) {
      if (log)
        log(fmt::format("warning: the feature that head '{}' taps has RMS {}, its scale stays 1", heads[i].head, rms));
      continue;
    }
    // The state's own type and shape, whatever they are.
    const auto& plan = program.plan();
    const auto id = plan.graph.find_value(name);
    FCNGRAPH_ASSERT(id.valid(), "a head without a scale of its own has a state");
    Tensor scale = Tensor::zeros({DType::f32, plan.graph.value(id).type.shape, {}});
    std::fill_n(scale.as<float>(), scale.type.shape.elements(), static_cast<float>(1.0 / rms));
    scales.set(name, std::move(scale));
    scaled.back().second = 1.0;
  }
  if (!scales.names().empty()) trained.session.set_weights(scales);
  return scaled;
}

}  // namespace fcngraph::training
