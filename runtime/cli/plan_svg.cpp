// SPDX-License-Identifier: Apache-2.0
#include "plan_svg.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "layered_drawing.h"

namespace fcngraph::cli {
namespace {

constexpr double kCharacter = 6.7;  // of a monospace font of 11 pixels
constexpr double kLine = 15;
constexpr double kPadding = 7;
constexpr double kHeader = 48;
constexpr std::size_t kLongest = 44;

struct Look {
  const char* name;
  const char* fill;
  const char* border;
};
constexpr std::array kLooks{Look{"forward", "#e8f1fb", "#2f6db3"}, Look{"backward", "#fdeee0", "#c46a1b"},
                            Look{"update", "#e9f6e8", "#3d8b3a"}, Look{"setup", "#f0ecf8", "#6d55a8"},
                            Look{"input", "#f4f4f4", "#777777"}};
constexpr std::size_t kInput = 4;

/// What a box says, and how it looks.
struct Caption {
  std::vector<std::string> lines;
  std::size_t look = 0;
  bool output = false;
};

/// Text as XML holds it: valid UTF-8 without control characters, long ones cut in the middle.
std::string escaped(const std::string& text, std::size_t most = std::string::npos) {
  using Json = nlohmann::json;
  std::string valid = Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
  const auto whole = [](char c) { return (c & 0xC0) != 0x80; };
  if (static_cast<std::size_t>(std::count_if(valid.begin(), valid.end(), whole)) > most) {
    std::size_t head = most / 2, tail = valid.size() - most / 2 + 1;
    while (head > 0 && !whole(valid[head])) --head;
    while (tail < valid.size() && !whole(valid[tail])) ++tail;
    valid = valid.substr(0, head) + "\u2026" + valid.substr(tail);
  }
  std::string out;
  for (const char c : valid) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
  }
  return out;
}

class Picture {
 public:
  explicit Picture(const Plan& plan) : plan_(plan), maker_(plan.slots.size(), kNobody) {}

  std::string draw() {
    for (const auto& [name, slot] : plan_.inputs) {
      maker_[static_cast<std::size_t>(slot)] = captions_.size();
      add({{name, type_of(slot)}, kInput, false}, true);
    }
    for (const Step& step : plan_.steps) add_step(step);
    arrange(drawing_);
    return write();
  }

 private:
  static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

  std::string type_of(std::int32_t slot) const { return to_string(plan_.slots[static_cast<std::size_t>(slot)].type); }

  void add(Caption caption, bool sinks) {
    std::size_t longest = 0;
    for (const auto& line : caption.lines) longest = std::max(longest, std::min(line.size(), kLongest));
    drawing_.boxes.push_back({static_cast<double>(longest) * kCharacter + 2 * kPadding,
                              static_cast<double>(caption.lines.size()) * kLine + 2 * kPadding, sinks});
    captions_.push_back(std::move(caption));
  }

  void add_step(const Step& step) {
    const std::size_t box = captions_.size();
    Caption caption{{step.name, plan_.graph.node(step.node).op->name + " by " + step.kernel},
                    static_cast<std::size_t>(step.phase),
                    false};
    std::vector<std::size_t> makers;
    for (const auto slot : step.operands) {
      const auto maker = slot < 0 ? kNobody : maker_[static_cast<std::size_t>(slot)];
      if (maker != kNobody && std::find(makers.begin(), makers.end(), maker) == makers.end()) makers.push_back(maker);
    }
    for (const std::size_t maker : makers) drawing_.lines.push_back({maker, box, {}});
    for (const auto slot : step.results) {
      if (slot < 0) continue;
      if (caption.lines.size() == 2) caption.lines.push_back(type_of(slot));
      maker_[static_cast<std::size_t>(slot)] = box;
      for (const auto& [name, output] : plan_.outputs) {
        if (output != slot) continue;
        caption.output = true;
        if (name != step.name) caption.lines.push_back("= output " + name);
      }
    }
    add(std::move(caption), makers.empty());
  }

  std::string write() const {
    const double width = std::max(drawing_.width, 560.0);
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
        "height=\"{1:.0f}\" "
        "font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"11\">\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        width, drawing_.height + kHeader);
    out += header();
    for (const DrawnLine& line : drawing_.lines) out += path_of(line);
    for (std::size_t b = 0; b < captions_.size(); ++b) out += box_of(captions_[b], drawing_.boxes[b]);
    return out + "</svg>\n";
  }

  std::string header() const {
    std::string out = fmt::format(
        "<text x=\"20\" y=\"20\" font-weight=\"bold\" font-size=\"13\">{} on {}: {} steps, arena {}</text>\n",
        escaped(plan_.graph.name()), escaped(plan_.backend), plan_.steps.size(), human_bytes(plan_.arena_bytes));
    double x = 20;
    for (std::size_t l = 0; l < kLooks.size(); ++l) {
      const bool used = std::any_of(captions_.begin(), captions_.end(), [&](const Caption& c) { return c.look == l; });
      if (!used) continue;
      out += fmt::format(
          "<rect x=\"{:.0f}\" y=\"30\" width=\"11\" height=\"11\" fill=\"{}\" stroke=\"{}\"/><text x=\"{:.0f}\" "
          "y=\"40\">{}"
          "</text>\n",
          x, kLooks[l].fill, kLooks[l].border, x + 16, kLooks[l].name);
      x += 100;
    }
    return out + fmt::format("<text x=\"{:.0f}\" y=\"40\" fill=\"#555\">thick border: output</text>\n", x);
  }

  static std::string path_of(const DrawnLine& line) {
    auto [x, y] = line.points.front();
    std::string d = fmt::format("M{:.1f} {:.1f}", x, y + kHeader);
    for (std::size_t p = 1; p < line.points.size(); ++p) {
      const auto [to_x, to_y] = line.points[p];
      const double bend = (to_y - y) / 2;
      d += std::abs(to_x - x) < 0.5 ? fmt::format(" L{:.1f} {:.1f}", to_x, to_y + kHeader)
                                    : fmt::format(" C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", x, y + bend + kHeader,
                                                  to_x, to_y - bend + kHeader, to_x, to_y + kHeader);
      x = to_x;
      y = to_y;
    }
    return fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"#8a8a8a\"/><path d=\"M{:.1f} {:.1f} l-3.5 -6 h7 z\" "
        "fill=\"#8a8a8a\"/>\n",
        d, x, y + kHeader);
  }

  static std::string box_of(const Caption& caption, const DrawnBox& box) {
    const Look& look = kLooks[caption.look];
    std::string out = fmt::format(
        "<g><title>{}</title><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{}\" fill=\"{}\" "
        "stroke=\"{}\" stroke-width=\"{}\"/>",
        escaped(fmt::format("{}", fmt::join(caption.lines, " | "))), box.x - box.width / 2, box.y + kHeader, box.width,
        box.height, caption.look == kInput ? 14 : 4, look.fill, look.border, caption.output ? 3 : 1);
    for (std::size_t i = 0; i < caption.lines.size(); ++i) {
      out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\"{}>{}</text>", box.x,
                         box.y + kHeader + kPadding + kLine * (static_cast<double>(i) + 0.75),
                         i == 0 ? " font-weight=\"bold\"" : " fill=\"#444\"", escaped(caption.lines[i], kLongest));
    }
    return out + "</g>\n";
  }

  const Plan& plan_;
  std::vector<std::size_t> maker_;
  std::vector<Caption> captions_;
  Drawing drawing_;
};

}  // namespace

std::string as_svg(const Plan& plan) { return Picture(plan).draw(); }

}  // namespace fcngraph::cli
