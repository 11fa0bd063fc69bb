// SPDX-License-Identifier: Apache-2.0
#include "memory_svg.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "plan_table.h"

namespace fcngraph::cli {
namespace {

constexpr double kWidth = 1000, kLeft = 90, kTop = 40, kCurve = 220, kGap = 50, kArena = 420, kBelow = 40;

constexpr std::string_view colour_of(Phase phase) {
  switch (phase) {
    case Phase::feature:
      return "#8a8fa3";
    case Phase::backward:
      return "#c2574b";
    case Phase::recompute:
      return "#c9973b";
    case Phase::update:
      return "#6a9955";
    default:
      return "#4a7fb5";
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

/// The two panels share the axis of steps; each has its own of bytes.
class Drawing {
 public:
  explicit Drawing(const Plan& plan)
      : plan_(plan),
        steps_(static_cast<double>(std::max<std::size_t>(1, plan.steps.size()))),
        bytes_(static_cast<double>(std::max<std::int64_t>(1, plan.arena_bytes))) {}

  std::string run() {
    const double height = kTop + kCurve + kGap + kArena + kBelow;
    out_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
        "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
        kLeft + kWidth + 20, height);
    text(kLeft, 22, fmt::format("{}: memory over {} steps", plan_.graph.name(), plan_.steps.size()));
    axis(kTop, kCurve, "live bytes");
    curve();
    axis(kTop + kCurve + kGap, kArena, "place in the arena");
    for (const Slot& slot : plan_.slots) bar(slot);
    legend(height - 12);
    return out_ + "</svg>\n";
  }

 private:
  double x(double step) const { return kLeft + step / steps_ * kWidth; }
  double tall(double bytes, double height) const { return bytes / bytes_ * height; }

  void text(double x, double y, std::string_view words, std::string_view anchor = "start") {
    out_ += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, escaped(words));
  }

  void axis(double top, double height, std::string_view what) {
    out_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#999\"/>\n", kLeft,
                        top, kWidth, height);
    text(kLeft - 6, top + 10, human_bytes(plan_.arena_bytes), "end");
    text(kLeft - 6, top + height, "0", "end");
    text(kLeft, top - 5, what);
  }

  void curve() {
    std::string points = fmt::format("{},{}", x(0), kTop + kCurve);
    for (std::size_t s = 0; s < plan_.live_bytes.size(); ++s) {
      const double y = kTop + kCurve - tall(static_cast<double>(plan_.live_bytes[s]), kCurve);
      points +=
          fmt::format(" {:.1f},{:.1f} {:.1f},{:.1f}", x(static_cast<double>(s)), y, x(static_cast<double>(s) + 1), y);
    }
    points += fmt::format(" {},{}", x(steps_), kTop + kCurve);
    out_ += fmt::format("<polygon points=\"{}\" fill=\"#dde7f0\" stroke=\"#4a7fb5\"/>\n", points);
  }

  void bar(const Slot& slot) {
    if (slot.storage != Storage::arena || slot.first < 0) return;
    const double top = kTop + kCurve + kGap + kArena - tall(static_cast<double>(slot.offset + slot.bytes), kArena);
    const Phase phase = plan_.steps[static_cast<std::size_t>(slot.first)].phase;
    out_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.2f}\" width=\"{:.1f}\" height=\"{:.2f}\" fill=\"{}\" fill-opacity=\"0.7\" "
        "stroke=\"white\" stroke-width=\"0.3\"><title>{}: {}, steps {} to {}</title></rect>\n",
        x(slot.first), top, x(slot.last + 1) - x(slot.first),
        std::max(tall(static_cast<double>(slot.bytes), kArena), 0.2), colour_of(phase), escaped(slot.name),
        human_bytes(slot.bytes), slot.first, slot.last);
  }

  void legend(double y) {
    double at = kLeft;
    for (const Phase phase : {Phase::feature, Phase::forward, Phase::backward, Phase::recompute, Phase::update}) {
      out_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"12\" height=\"12\" fill=\"{}\"/>\n", at, y - 10,
                          colour_of(phase));
      text(at + 18, y, phase_word(phase));
      at += 120;
    }
  }

  const Plan& plan_;
  double steps_, bytes_;
  std::string out_;
};

}  // namespace

std::string memory_svg(const Plan& plan) { return Drawing(plan).run(); }

}  // namespace fcngraph::cli
