// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/benchmark.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/calibration.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/engine/random.h>
#include <fcngraph/evaluate.h>

#include "median.h"

namespace fcngraph {
namespace {

constexpr std::int64_t kProfiles = 5;

/// A session with its inputs, ready to be run again and again.
struct Timed {
  Program program;
  Session session;
  std::map<std::string, Tensor> inputs;

  double run_once() {
    const auto begin = std::chrono::steady_clock::now();
    for (std::int64_t part = 1; part <= program.parts(); ++part) session.step(inputs, part == program.parts());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
};

void fill_random(const std::string& name, Tensor& tensor, std::uint64_t key, std::uint64_t classes) {
  const auto count = static_cast<std::uint64_t>(tensor.data.size() / size_of(tensor.type.dtype));
  for (std::uint64_t i = 0; i < count; ++i) {
    switch (tensor.type.dtype) {
      // Preprocessed pixels lie in about this range.
      case DType::f32:
        tensor.as<float>()[i] = static_cast<float>(random_uniform(key, i) * 256 - 128);
        break;
      case DType::u8:
        tensor.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(random_below(key, i, classes));
        break;
      case DType::i64:
        tensor.as<std::int64_t>()[i] = static_cast<std::int64_t>(i) + 1;
        break;
      default:
        throw InternalError(fmt::format("input '{}' has a type that has no random values", name));
    }
  }
  if (name == "lr") *tensor.as<float>() = 1e-6F;
  if (name == "normalizer") *tensor.as<float>() = 1e6F;
  if (name == "loss_scale") *tensor.as<float>() = 1;
}

Timed open(const Model& model, const Weights& weights, const BenchOptions& options) {
  CompileOptions compile;
  compile.mode = options.mode;
  compile.batch = options.batch;
  compile.height = options.height;
  compile.width = options.width;
  compile.backend = options.backend;
  compile.precision = options.precision;
  compile.threads = options.threads;
  compile.heads = options.heads;
  compile.memory_budget = options.memory_budget;
  const Program program = options.behind_cut ? model.compile_split(compile).step : model.compile(compile);
  Timed timed{program, program.open(weights, initial_seed(weights, options.seed)), {}};
  for (const auto& [name, slot] : program.plan().inputs) {
    const auto& type = program.plan().slots[static_cast<std::size_t>(slot)].type;
    Tensor tensor{type, std::vector<std::byte>(static_cast<std::size_t>(bytes_of(type)))};
    fill_random(name, tensor, random_key(options.seed, name), model.classes().size());
    timed.inputs.emplace(name, std::move(tensor));
  }
  return timed;
}

/// The fastest run of each step: what else the machine does only adds.
std::vector<StepTime> fastest_profile(Timed& timed, std::int64_t runs) {
  std::vector<StepTime> best = timed.session.profile(timed.inputs);
  for (std::int64_t i = 1; i < runs; ++i) {
    const auto next = timed.session.profile(timed.inputs);
    for (std::size_t s = 0; s < best.size(); ++s) best[s].seconds = std::min(best[s].seconds, next[s].seconds);
  }
  return best;
}

void describe(const Timed& timed, const BenchOptions& options, BenchReport& report) {
  const auto& plan = timed.program.plan();
  report.batch = timed.program.parts() > 1 ? options.batch : timed.program.batch();
  report.peak_bytes = timed.session.peak_bytes();
  const double of_part = plan.flops(Phase::feature) + plan.flops(Phase::forward) + plan.flops(Phase::backward) +
                         plan.flops(Phase::recompute);
  report.gflop = (of_part * static_cast<double>(timed.program.parts()) + plan.flops(Phase::update)) / 1e9;
  if (const auto measured = load_calibration(calibration_file(), timed.program.backend(), options.threads))
    report.predicted_s = predicted_seconds(timed.program, *measured);
  report.backend = timed.program.backend();
  report.backend_reason = timed.program.backend_reason();
  report.precision = std::string(name_of(plan.precision));
  for (const auto& step : plan.steps) {
    if (step.phase != Phase::setup) report.kernels.emplace_back(step.name, step.kernel);
  }
}

}  // namespace

BenchReport benchmark(const Model& model, const Weights& weights, const BenchOptions& options, const Model* versus) {
  if (options.iterations < 1)
    throw GraphError(fmt::format("iterations is {}, expected at least 1", options.iterations));
  if (options.warmup < 0) throw GraphError(fmt::format("warm-up is {} runs, expected at least 0", options.warmup));
  Timed timed = open(model, weights, options);
  std::optional<Timed> other;
  if (versus) other.emplace(open(*versus, weights, options));
  const auto stopping = [&] { return options.stop_requested && options.stop_requested(); };
  for (std::int64_t i = 0; i < options.warmup && !stopping(); ++i) {
    timed.run_once();
    if (other) other->run_once();
  }
  BenchReport report;
  describe(timed, options, report);
  std::vector<double> theirs, ratios;
  for (std::int64_t i = 0; i < options.iterations && (i == 0 || !stopping()); ++i) {
    report.seconds.push_back(timed.run_once());
    if (!other) continue;
    theirs.push_back(other->run_once());
    ratios.push_back(theirs.back() / report.seconds.back());
  }
  report.median_s = median(report.seconds);
  report.min_s = *std::min_element(report.seconds.begin(), report.seconds.end());
  report.images_per_s =
      static_cast<double>(report.batch) / std::max(report.median_s, std::numeric_limits<double>::min());
  if (other) report.versus = BenchReport::Versus{median(theirs), median(ratios)};
  if (options.profile) {
    report.peak_flops = timed.session.measure_peak();
    report.profile = fastest_profile(timed, std::min(options.iterations, kProfiles));
  }
  return report;
}

std::string to_json(const BenchReport& report) {
  using Json = nlohmann::ordered_json;
  Json kernels = Json::object();
  for (const auto& [step, kernel] : report.kernels) kernels[step] = kernel;
  Json out = {{"batch", report.batch},
              {"median_s", report.median_s},
              {"min_s", report.min_s},
              {"images_per_s", report.images_per_s},
              {"peak_bytes", report.peak_bytes},
              {"gflop", report.gflop},
              {"predicted_s", report.predicted_s ? Json(*report.predicted_s) : Json(nullptr)},
              {"backend", report.backend},
              {"backend_reason", report.backend_reason},
              {"precision", report.precision},
              {"kernels", std::move(kernels)},
              {"seconds", report.seconds}};
  if (report.versus)
    out["versus"] = {{"median_s", report.versus->median_s}, {"ratio_median", report.versus->ratio_median}};
  if (!report.profile.empty()) {
    Json rows = Json::array();
    for (const auto& row : report.profile) {
      rows.push_back({{"name", row.name},
                      {"op", row.op},
                      {"kernel", row.kernel},
                      {"seconds", row.seconds},
                      {"flops", row.flops},
                      {"operations", row.operations},
                      {"bytes", row.bytes}});
    }
    out["peak_flops"] = report.peak_flops;
    out["profile"] = std::move(rows);
  }
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace fcngraph
