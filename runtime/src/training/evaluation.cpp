// SPDX-License-Identifier: Apache-2.0
#include "training/evaluation.h"

#include <chrono>

#include <fcngraph/dsl/model_spec.h>

#include "data_classes.h"

namespace fcngraph::training {

std::vector<std::string> head_names(const Model& model) {
  std::vector<std::string> names;
  for (const auto& head : model.heads()) names.push_back(head.name);
  return names;
}

data::BatchLoaderOptions loader_options(const Model& model, const RunningProgram& running, Split split) {
  const Program& program = running.program;
  data::BatchLoaderOptions options;
  options.cache = running.cache();
  // One is brought to the device while the one before it runs, whose labels are read afterwards.
  options.held = running.session.works_beside_host() ? 2 : 1;
  options.split = split;
  options.batch = program.batch();
  options.height = program.height();
  options.width = program.width();
  options.resize = model.spec().data.resize;
  options.preprocess = data::preprocess_from(*model.spec().preprocess);
  options.reduce = model.spec().data.scaled_decode;
  options.half = model.spec().data.half_precision;
  options.mixed_labels = model.spec().data.bilinear_labels;
  options.padding = padding_label(model.spec().data);
  return options;
}

Evaluation::Evaluation(const Model& model, const Dataset& dataset, RunningProgram& running, Split split,
                       MetricMode metrics)
    : running_(running),
      split_(split),
      metrics_(metrics),
      classes_(model.classes()),
      loader_(dataset, loader_options(model, running, split)),
      tallies_(make_tallies(head_names(model), static_cast<std::int64_t>(classes_.size()))) {}

EvalReport Evaluation::run(const std::function<void(std::int64_t, std::int64_t)>& on_batch,
                           const std::function<bool()>& stop_requested) {
  const auto begin = std::chrono::steady_clock::now();
  EvalReport report;
  report.split = std::string(name_of(split_));
  report.backend = running_.program.backend();
  report.metrics = metrics_;
  report.classes = classes_;
  for (auto& tally : tallies_) tally.clear();
  loader_.start(0);
  const auto batches = loader_.batches_per_epoch();
  const data::Batch* prepared = nullptr;
  running_.session.forget();
  for (std::int64_t b = 0; b < batches; ++b) {
    if (stop_requested && stop_requested()) {
      report.interrupted = true;
      break;
    }
    const auto& batch = prepared ? *prepared : loader_.next();
    if (!prepared) running_.bring(batch);
    running_.session.start(running_.inputs.tensors());
    prepared = nullptr;
    if (running_.session.works_beside_host() && b + 1 < batches) running_.bring(*(prepared = &loader_.next()));
    running_.session.finish();
    for (auto& tally : tallies_) tally.add(running_.session, batch, batch.valid);
    report.samples += batch.valid;
    if (on_batch) on_batch(b + 1, batches);
  }
  for (const auto& tally : tallies_) {
    report.heads.push_back({tally.name, tally.loss(), tally.confusion, tally.scores(metrics_), tally.fractional});
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace fcngraph::training
