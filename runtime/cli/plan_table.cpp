// SPDX-License-Identifier: Apache-2.0
#include "plan_table.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <fcngraph/engine/frontier.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/ops/conv2d.h>

#include "terminal.h"

namespace fcngraph::cli {
namespace {

constexpr std::size_t kColumns = 120;
constexpr std::size_t kNameColumns = 30, kWorkColumns = 26, kShapeColumns = 28;
constexpr double kMebi = 0x1p20;

/// The two ends of a text that is too long: the beginning says whose it is, the end what.
std::string shortened(const std::string& text, std::size_t columns) {
  if (text.size() <= columns) return text;
  const std::size_t end = (columns - 2) / 2;
  return text.substr(0, columns - 2 - end) + ".." + text.substr(text.size() - end);
}

/// "32x64x56x56 aBcd16b"; the type only where it is not f32.
std::string shape_of(const TensorType& type) {
  std::string text = type.dtype == DType::f32 ? "" : std::string(name_of(type.dtype)) + " ";
  const auto dims = type.shape.dims();
  for (std::size_t i = 0; i < dims.size(); ++i) text += fmt::format("{}{}", i > 0 ? "x" : "", dims[i]);
  if (dims.empty()) text += "scalar";
  return type.layout.is_plain() ? text : text + " " + type.layout.tag;
}

std::string result_of(const Plan& plan, const Step& step) {
  for (const auto slot : step.results) {
    if (slot >= 0) return shape_of(plan.slots[static_cast<std::size_t>(slot)].type);
  }
  return {};
}

/// Words in lines of at most kColumns, all but the first indented.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::string out, line;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    const auto word = text.substr(at, end - at);
    if (!line.empty() && line.size() + 1 + word.size() > kColumns) {
      out += line + '\n';
      line = std::string(indent, ' ') + word;
    } else {
      line += (line.empty() || at == 0 ? "" : " ") + word;
    }
    at = end + 1;
  }
  return out + line + '\n';
}

/// Kernels numbered in the order in which steps name them, with the reasons given for each.
class KernelList {
 public:
  std::string label(const Step& step) {
    const auto [known, fresh] = numbers_.try_emplace({step.kernel, step.reason}, rows_.size());
    if (fresh) rows_.push_back({step.kernel, step.reason, 0});
    ++rows_[known->second].steps;
    return fmt::format("k{}", known->second + 1);
  }
  std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto& row = rows_[i];
      out += wrapped(fmt::format("k{:<3} {} ({} step{}){}{}", i + 1, row.kernel, row.steps, row.steps == 1 ? "" : "s",
                                 row.reason.empty() ? "" : ": ", row.reason),
                     5);
    }
    return out;
  }

 private:
  struct Row {
    std::string kernel, reason;
    std::int64_t steps = 0;
  };
  std::map<std::pair<std::string, std::string>, std::size_t> numbers_;
  std::vector<Row> rows_;
};

std::string table_of(const Plan& plan, KernelList& kernels) {
  std::vector<std::vector<std::string>> rows = {{"step", "does", "result", "GFLOP", "MiB", "live", "by"}};
  std::map<std::size_t, std::string> headings;  // before which row
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    const Step& step = plan.steps[s];
    if (s == 0 || plan.steps[s - 1].phase != step.phase)
      headings[rows.size()] = fmt::format("--- {}", phase_word(step.phase));
    rows.push_back({shortened(step.name, kNameColumns), shortened(work_of(plan, step), kWorkColumns),
                    shortened(result_of(plan, step), kShapeColumns), fmt::format("{:.3f}", step.cost.flops / 1e9),
                    fmt::format("{:.1f}", step.cost.bytes / kMebi),
                    fmt::format("{:.1f}", static_cast<double>(plan.live_bytes[s]) / kMebi), kernels.label(step)});
  }
  std::string out;
  const std::string lines = format_table(rows, 3);
  std::size_t row = 0;
  for (std::size_t at = 0; at < lines.size(); ++row) {
    if (const auto heading = headings.find(row); heading != headings.end()) out += heading->second + '\n';
    const auto end = lines.find('\n', at) + 1;
    out += lines.substr(at, end - at);
    at = end;
  }
  return out;
}

std::string fused_groups(const Plan& plan) {
  std::string out;
  for (const Step& step : plan.steps) {
    const Node& node = plan.graph.node(step.node);
    if (node.body) out += wrapped(fmt::format("{} = {}", step.name, work_of(plan, step)), 4);
  }
  return out.empty() ? out : "\nfused groups\n" + out;
}

/// What a precision of 16 bits leaves in f32, and why.
std::string wide_text(const Plan& plan) {
  std::string out;
  for (const auto& [name, range] : plan.kept_wide) {
    const std::string seen = range.not_finite > 0 ? fmt::format("{} of its numbers were not finite", range.not_finite)
                                                  : fmt::format("it reached {:.4g}", range.largest);
    out += fmt::format("  {}: {}\n", name, seen);
  }
  if (out.empty()) return out;
  return fmt::format("kept in f32, since f16 ends at {:.0f} and other images reach further:\n", ValueRange::kLargest) +
         out + '\n';
}

std::string price_text(const Program& program, const PlanPrice& price) {
  if (!price.calibration) {
    return wrapped("predicted time: nothing was measured for this backend here; fcngraph plan --calibrate does it", 4);
  }
  const double seconds = predicted_seconds(program, *price.calibration);
  std::string text = fmt::format("predicted time: {:.3g} ms a batch", 1e3 * seconds);
  if (price.samples) {
    const auto batch = program.batch() * program.parts();
    const auto batches = (*price.samples + batch - 1) / batch;
    text += fmt::format(", {:.3g} s an epoch of {} batches, data and validation apart",
                        seconds * static_cast<double>(batches), batches);
  }
  return wrapped(text + fmt::format(" (measured here: {:.1f} GFLOP/s, {:.1f} GB/s)",
                                    price.calibration->flops_per_s / 1e9, price.calibration->bytes_per_s / 1e9),
                 4);
}

std::string peak_text(const Plan& plan) {
  const auto peak = std::max_element(plan.live_bytes.begin(), plan.live_bytes.end());
  if (peak == plan.live_bytes.end()) return {};
  const auto& step = plan.steps[static_cast<std::size_t>(peak - plan.live_bytes.begin())];
  return fmt::format("memory: arena {}, of which {} live together at '{}'; weights {}, packed for kernels {}",
                     human_bytes(plan.arena_bytes), human_bytes(plan.live_peak_bytes), step.name,
                     human_bytes(plan.saved_bytes), human_bytes(plan.resident_bytes));
}

}  // namespace

std::string_view phase_word(Phase phase) {
  switch (phase) {
    case Phase::setup:
      return "setup";
    case Phase::feature:
      return "feature";
    case Phase::forward:
      return "forward";
    case Phase::backward:
      return "backward";
    case Phase::recompute:
      return "recompute";
    case Phase::update:
      return "update";
  }
  return "";
}

std::string work_of(const Plan& plan, const Step& step) {
  const Node& node = plan.graph.node(step.node);
  if (node.body) {
    std::string text;
    for (const NodeId id : node.body->order()) text += (text.empty() ? "" : "+") + node.body->node(id).op->name;
    return text;
  }
  if (node.op != &ops::conv2d()) return node.op->name;
  switch (node.attrs.as<Conv2dAttrs>().epilogue) {
    case Epilogue::none:
      return "conv2d";
    case Epilogue::relu:
      return "conv2d+relu";
    case Epilogue::add:
      return "conv2d+add";
    case Epilogue::add_relu:
      return "conv2d+add+relu";
    case Epilogue::relu_max_pool:
      return "conv2d+relu+max_pool2d";
  }
  return "conv2d";
}

std::string plan_table(const Model& model, const Program& program, const PlanPrice& price) {
  const Plan& plan = program.plan();
  const auto count = model.parameters();
  std::string out = wrapped(program.summary(), 4);
  out += wrapped(fmt::format("backend: {} ({})", program.backend(), program.backend_reason()), 4);
  out += fmt::format("parameters: {} trainable, {} frozen\n", count.trainable, count.frozen);
  out += wrapped(peak_text(plan), 4) + price_text(program, price) + '\n';
  const auto cut = program.mode() == Mode::infer ? std::string() : describe_cut(plan).to_text();
  if (!cut.empty()) out += cut + '\n';
  out += wide_text(plan);
  KernelList kernels;
  out += table_of(plan, kernels);
  return out + fused_groups(plan) + "\nkernels\n" + kernels.text();
}

}  // namespace fcngraph::cli
