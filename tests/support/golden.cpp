// SPDX-License-Identifier: Apache-2.0
#include "golden.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace fcngraph::testing {
namespace {

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

/// One line of the merged text: common (' '), only expected ('-') or only actual ('+').
struct Line {
  char mark;
  std::string_view text;
};

/// Longest common subsequence by dynamic programming; goldens are hundreds of lines, so the square is affordable.
std::vector<Line> merge(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  std::size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  const std::size_t n = a.size() - head - tail;
  const std::size_t m = b.size() - head - tail;
  std::vector<std::vector<std::size_t>> common(n + 1, std::vector<std::size_t>(m + 1, 0));
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = m; j-- > 0;) {
      common[i][j] =
          a[head + i] == b[head + j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::vector<Line> lines;
  for (std::size_t i = 0; i < head; ++i) lines.push_back({' ', a[i]});
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && a[head + i] == b[head + j]) {
      lines.push_back({' ', a[head + i]});
      ++i;
      ++j;
    } else if (i < n && (j == m || common[i + 1][j] >= common[i][j + 1])) {
      lines.push_back({'-', a[head + i++]});
    } else {
      lines.push_back({'+', b[head + j++]});
    }
  }
  for (std::size_t k = a.size() - tail; k < a.size(); ++k) lines.push_back({' ', a[k]});
  return lines;
}

}  // namespace

std::filesystem::path source_dir() {
  const char* dir = std::getenv("FCNGRAPH_SOURCE_DIR");
  if (dir == nullptr) throw std::runtime_error("FCNGRAPH_SOURCE_DIR is not set; run the tests with ctest");
  return dir;
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string unified_diff(std::string_view expected, std::string_view actual, std::string_view name) {
  if (expected == actual) return {};
  constexpr std::size_t kContext = 3;
  const auto lines = merge(split_lines(expected), split_lines(actual));
  std::ostringstream out;
  out << "--- " << name << " (expected)\n+++ " << name << " (actual)\n";
  std::size_t a_line = 1;
  std::size_t b_line = 1;
  for (std::size_t at = 0; at < lines.size();) {
    const auto changed = [&](std::size_t i) { return lines[i].mark != ' '; };
    std::size_t first = at;
    while (first < lines.size() && !changed(first)) ++first;
    if (first == lines.size()) break;
    const std::size_t from = first - std::min(kContext, first - at);
    std::size_t to = first;  // one past the last changed line of the hunk
    for (std::size_t i = first; i < lines.size() && i < to + 2 * kContext + 1; ++i) {
      if (changed(i)) to = i + 1;
    }
    to = std::min(to + kContext, lines.size());
    a_line += from - at;
    b_line += from - at;
    std::size_t a_count = 0;
    std::size_t b_count = 0;
    std::ostringstream body;
    for (std::size_t i = from; i < to; ++i) {
      a_count += lines[i].mark != '+' ? 1 : 0;
      b_count += lines[i].mark != '-' ? 1 : 0;
      body << lines[i].mark << lines[i].text << '\n';
    }
    out << "@@ -" << a_line << ',' << a_count << " +" << b_line << ',' << b_count << " @@\n" << body.str();
    a_line += a_count;
    b_line += b_count;
    at = to;
  }
  const bool newline_differs = expected.ends_with('\n') != actual.ends_with('\n');
  if (newline_differs) out << "\\ only one of the two ends with a newline\n";
  return out.str();
}

bool updates_goldens() {
  const char* update = std::getenv("FCNGRAPH_UPDATE_GOLDENS");
  return update != nullptr && std::string_view(update) == "1";
}

std::string compare_golden(const std::filesystem::path& path, std::string_view actual) {
  if (updates_goldens()) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out << actual;
    out.close();
    return out ? std::string{} : "cannot write " + path.string();
  }
  if (!std::filesystem::exists(path)) {
    return path.string() + " is missing; FCNGRAPH_UPDATE_GOLDENS=1 writes it. It would hold:\n" + std::string(actual);
  }
  return unified_diff(read_text(path), actual, path.filename().string());
}

}  // namespace fcngraph::testing
