// SPDX-License-Identifier: Apache-2.0
#include "terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include <fcngraph/engine/error.h>

namespace fcngraph::cli {
namespace {

bool bar_is_drawn = false;

bool in_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool unwanted = no_colour != nullptr && *no_colour != '\0';
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return on_terminal() && !unwanted && !dumb;
}

void write_error(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

/// Characters, not bytes: names may hold any UTF-8.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string format_rows(const std::vector<std::vector<std::string>>& rows, std::size_t left) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string fill(widths[i] - width_of(row[i]), ' ');
      if (i > 0) line += "  ";
      line += i >= left ? fill + row[i] : row[i] + fill;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw IoError("stdout", "cannot be written");
  }
}

void say(std::string_view line) {
  wipe_bar();
  std::string text(line);
  if (in_colour()) {
    const auto colon = text.find(':');
    const auto word = text.substr(0, colon);
    if (word == "warning") text = "\x1b[33m" + word + "\x1b[0m" + text.substr(colon);
    if (word == "error") text = "\x1b[31m" + word + "\x1b[0m" + text.substr(colon);
  }
  if (text.empty() || text.back() != '\n') text += '\n';
  write_error(text);
}

bool on_terminal() { return isatty(STDERR_FILENO) != 0; }

void draw_bar(double share, std::string_view text) {
  if (!on_terminal()) return;
  constexpr int kWidth = 24;
  const auto full = static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * kWidth));
  write_error(fmt::format("\r\x1b[K[{}{}] {}", std::string(full, '#'), std::string(kWidth - full, '.'), text));
  bar_is_drawn = true;
}

void wipe_bar() {
  if (bar_is_drawn) write_error("\r\x1b[K");
  bar_is_drawn = false;
}

std::string format_table(const std::vector<std::vector<std::string>>& rows, std::size_t left) {
  return format_rows(rows, left);
}
std::string format_columns(const std::vector<std::vector<std::string>>& rows) { return format_rows(rows, SIZE_MAX); }

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  const auto whole = std::llround(seconds);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace fcngraph::cli
