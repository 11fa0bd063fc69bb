// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/diagnostics.h>

#include <algorithm>
#include <utility>

#include <fcngraph/engine/error.h>

namespace fcngraph {
namespace {

std::string_view line_of(const SourceFile& file, int line) {
  std::string_view rest = file.text;
  for (int i = 1; i < line; ++i) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  auto text = rest.substr(0, rest.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// Insertions, deletions, substitutions, and swaps of neighbours, each of which counts as one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

void Diagnostics::add(Diagnostic diagnostic) {
  if (diagnostic.severity == Diagnostic::Severity::error) ++errors_;
  if (all_.size() < kMostKept) all_.push_back(std::move(diagnostic));
}

void Diagnostics::error(std::string code, SourceSpan span, std::string message, std::string suggestion,
                        std::vector<std::string> notes) {
  add({Diagnostic::Severity::error, std::move(code), std::move(span), std::move(message), std::move(suggestion),
       std::move(notes)});
}

void Diagnostics::warning(std::string code, SourceSpan span, std::string message, std::string suggestion) {
  add({Diagnostic::Severity::warning, std::move(code), std::move(span), std::move(message), std::move(suggestion), {}});
}

void Diagnostics::throw_if_errors() const {
  if (has_errors()) throw GraphError(all_);
}

std::string render(const Diagnostic& d) {
  std::string out;
  if (d.span.file) {
    out += d.span.file->path;
    if (d.span.line > 0) out += ":" + std::to_string(d.span.line) + ":" + std::to_string(d.span.column);
    out += ": ";
  }
  out += d.severity == Diagnostic::Severity::error ? "error" : "warning";
  if (!d.code.empty()) out += "[" + d.code + "]";
  out += ": " + d.message;
  const bool shows_line = d.span.file && d.span.line > 0 && !d.span.file->text.empty();
  if (shows_line) {
    const std::string number = std::to_string(d.span.line);
    const auto line = line_of(*d.span.file, d.span.line);
    // A hostile file may be one endless line: show the part around the column.
    constexpr std::size_t kWidth = 160;
    const auto column = static_cast<std::size_t>(std::max(d.span.column, 1)) - 1;
    const std::size_t from = column > kWidth ? column - kWidth / 2 : 0;
    const auto shown = from < line.size() ? line.substr(from, kWidth) : std::string_view{};
    const std::size_t caret = std::min(column - from, shown.size());
    const auto length = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(d.span.length, 1)), 1,
                                                std::max<std::size_t>(shown.size() - caret, 1));
    std::string indent(shown.substr(0, caret));
    for (char& c : indent) c = c == '\t' ? '\t' : ' ';
    out += "\n   " + number + " | " + std::string(shown);
    out += "\n   " + std::string(number.size(), ' ') + " | " + indent + std::string(length, '^');
    if (!d.suggestion.empty()) out += " " + d.suggestion;
  } else if (!d.suggestion.empty()) {
    out += "; " + d.suggestion;
  }
  for (const auto& note : d.notes) out += "\n   " + note;
  return out;
}

std::string render(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const auto& d : diagnostics) {
    if (!out.empty()) out += '\n';
    out += render(d);
  }
  return out;
}

std::string closest_match(std::string_view name, std::span<const std::string> candidates) {
  constexpr std::size_t kLongest = 128;  // hostile names must not cost quadratic time
  if (name.empty() || name.size() > kLongest) return {};
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(name.size() / 3, 1) + 1;
  for (const auto& candidate : candidates) {
    if (candidate.size() > kLongest) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  const auto match = closest_match(name, candidates);
  return match.empty() ? std::string{} : "did you mean '" + match + "'?";
}

std::string join(std::span<const std::string> names, std::string_view separator) {
  std::string out;
  for (const auto& name : names) {
    if (!out.empty()) out += separator;
    out += name;
  }
  return out;
}

}  // namespace fcngraph
