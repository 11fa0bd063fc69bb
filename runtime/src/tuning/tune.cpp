// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <ctime>
#include <set>
#include <span>

#include <fcngraph/backend_choice.h>
#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/ops/reorder.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/tuning.h>

#include "kernel_timer.h"
#include "median.h"
#include "program_impl.h"

namespace fcngraph {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kFewestRounds = 3, kMostRounds = 15;
constexpr double kSecondsEach = 1;  // for a step, where that is enough for the fewest rounds
constexpr std::size_t kMoreThanCaches = std::size_t{128} << 20;

/// A step that may be measured, and whether its weights train.
struct Candidate {
  LoneStep step;
  std::string key;
  bool trains = false;
  std::vector<std::string> choices;  ///< words that ask for a kernel of its own each
};

bool is_updated(const Graph& graph, ValueId id) {
  const auto& uses = graph.value(id).uses;
  return std::any_of(uses.begin(), uses.end(),
                     [&](const Use& use) { return graph.node(use.node).phase == Phase::update; });
}

/// A node as it would be proposed: weights in their plain layout, before the reorder that packs them; data as the plan has it.
Candidate candidate_of(const Graph& graph, const Node& node, const KernelPolicy& policy) {
  Candidate out;
  out.step.name = node.name;
  out.step.op = node.op;
  out.step.attrs = node.attrs;
  for (ValueId id : node.operands) {
    if (!id.valid()) {
      out.step.operands.emplace_back();
      continue;
    }
    const NodeId producer = graph.value(id).producer;
    if (producer.valid() && graph.node(producer).op == &ops::reorder()) {
      const ValueId source = graph.node(producer).operands[0];
      if (graph.value(source).role == Role::parameter) id = source;
    }
    const Value& value = graph.value(id);
    const bool is_weight = value.role == Role::parameter;
    out.trains = out.trains || (is_weight && is_updated(graph, id));
    out.step.operands.push_back(LoneStep::Operand{value.type, is_weight});
  }
  out.step.result = graph.value(node.results[0]).type;
  out.key = step_key(out.step.view(), policy);
  return out;
}

/// The words that ask for a kernel of its own each; where only one does, there is nothing to measure.
std::vector<std::string> choices_for(const Backend& backend, const KernelPolicy& policy, const LoneStep& step) {
  std::vector<std::string> out;
  std::set<std::string> kernels;
  for (const std::string_view word : backend.kernel_choices()) {
    KernelPolicy asking = policy;
    asking.kernels = word;
    const Capability answer = backend.capability(step.view(), asking);
    // A word that asks for what a step does not have gets what the step has anyway. What refuses it has the parts of a fused step.
    if (kernels.insert(answer.supported ? answer.kernel : std::string()).second) out.emplace_back(word);
  }
  return out;
}

/// Everything that any choice would make a plan of: fused steps, and the steps that they are made of.
std::vector<Candidate> candidates_of(const Model& model, const TuneOptions& options, const Backend& backend,
                                     const KernelPolicy& policy) {
  std::vector<Candidate> out;
  std::set<std::string> seen;
  std::vector<std::string> plans{"estimate"};
  for (const std::string_view word : backend.kernel_choices()) plans.emplace_back(word);
  for (const std::string& kernels : plans) {
    CompileOptions compile = options.compile;
    compile.kernels = kernels;
    const Program program = model.compile(compile);
    const Graph& graph = program.plan().graph;
    for (const Step& step : program.plan().steps) {
      const Node& node = graph.node(step.node);
      if (node.op == &ops::reorder() || node.body != nullptr || node.results.size() != 1 || step.results[0] < 0)
        continue;
      Candidate one = candidate_of(graph, node, policy);
      if (!seen.insert(one.key).second) continue;
      one.choices = choices_for(backend, policy, one.step);
      if (one.choices.size() > 1) out.push_back(std::move(one));
    }
  }
  return out;
}

TunedStep measure(const Backend& backend, const KernelPolicy& policy, const Candidate& one,
                  std::span<std::byte> memory) {
  TunedStep out{one.step.name, one.key, one.trains, {}, {}};
  std::vector<std::unique_ptr<KernelTimer>> timers;
  for (const std::string& word : one.choices) {
    KernelPolicy asking = policy;
    asking.kernels = word;
    auto timer = KernelTimer::make(backend, asking, one.step);
    if (timer == nullptr) continue;
    out.kernels.push_back({word, timer->kernel(), {0, timer->pack_seconds()}});
    timers.push_back(std::move(timer));
  }
  std::vector<std::vector<double>> seconds(timers.size());
  for (auto& timer : timers) (void)timer->run(memory);
  const auto begin = Clock::now();
  for (int round = 0; round < kMostRounds; ++round) {
    for (std::size_t i = 0; i < timers.size(); ++i) seconds[i].push_back(timers[i]->run(memory));
    if (round + 1 >= kFewestRounds && std::chrono::duration<double>(Clock::now() - begin).count() > kSecondsEach) break;
  }
  for (std::size_t i = 0; i < timers.size(); ++i) out.kernels[i].time.seconds = median(std::move(seconds[i]));
  const auto cost = [&](const KernelTime& t) { return t.seconds + (one.trains ? t.pack_seconds : 0); };
  StepView proposal = one.step.view();
  for (const auto& operand : one.step.operands) proposal.trained.push_back(one.trains && operand && operand->is_weight);
  const Capability expected = backend.capability(proposal, policy);
  for (const auto& kernel : out.kernels) {
    if (expected.supported ? kernel.name == expected.kernel : kernel.name.find(", ") != std::string::npos)
      out.expected = kernel.choice;
  }
  std::sort(out.kernels.begin(), out.kernels.end(),
            [&](const auto& a, const auto& b) { return cost(a.time) < cost(b.time); });
  return out;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

}  // namespace

TuneReport tune(const Model& model, const TuneOptions& options, const std::filesystem::path& file) {
  const auto begin = Clock::now();
  const Backend& backend = *choose_backend(options.compile.backend).backend;
  if (backend.kernel_choices().empty())
    throw BackendError(std::string(backend.name()), "its steps have one kernel each: there is nothing to measure");
  CompileOptions expected = options.compile;
  expected.kernels = "estimate";
  const KernelPolicy policy = model.compile(expected).impl().policy;
  TuneReport report;
  report.machine = machine_for_times(backend, policy);
  auto candidates = candidates_of(model, options, backend, policy);
  if (!options.again) {
    const auto known = load_kernel_times(file, backend, policy);
    const auto measured = [&](const Candidate& one) { return known != nullptr && known->find(one.key) != nullptr; };
    report.known = std::count_if(candidates.begin(), candidates.end(), measured);
    candidates.erase(std::remove_if(candidates.begin(), candidates.end(), measured), candidates.end());
  }
  std::vector<std::byte> memory(kMoreThanCaches);
  for (const Candidate& one : candidates) {
    TunedStep step = measure(backend, policy, one, memory);
    if (step.kernels.size() < 2) continue;
    KernelTimes times;
    MeasuredStep& row = times.steps[step.key];
    row.date = today();
    for (const auto& kernel : step.kernels) row.kernels[kernel.choice] = kernel.time;
    add_kernel_times(file, report.machine, times);
    report.steps.push_back(std::move(step));
    if (options.progress) options.progress(report.steps.back(), report.steps.size(), candidates.size());
    if (options.stop_requested && options.stop_requested()) break;
  }
  report.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return report;
}

}  // namespace fcngraph
