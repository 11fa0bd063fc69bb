// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/export.h>

namespace fcngraph {

/// The text of a file that was read, kept so that a diagnostic can show the line it is about.
struct SourceFile {
  std::string path;
  std::string text;
};

/// A place in a file: 1-based line and column, and how many characters the caret underlines.
/// `file` is null for values that were not read from a file; `line` 0 means "the file as a whole".
struct SourceSpan {
  std::shared_ptr<const SourceFile> file;
  int line = 0;
  int column = 0;
  int length = 1;
};

/// One user-facing finding. Codes: E01xx file and syntax, E02xx model, E03xx compile and target, E04xx data.
struct Diagnostic {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  std::string code;                ///< "E0203"
  SourceSpan span;                 ///< where
  std::string message;             ///< lower case, subject first, names in single quotes, no period
  std::string suggestion;          ///< printed behind the caret: "did you mean 'block4_pool'?"
  std::vector<std::string> notes;  ///< lines below: "taps available: block3_pool, block4_pool"
};

/// Collects diagnostics; a reader reports and goes on, so that one run shows every mistake. Of a file with thousands of them the
/// first thousand are kept, and all are counted.
class FCNGRAPH_API Diagnostics {
 public:
  static constexpr std::size_t kMostKept = 1000;

  void add(Diagnostic diagnostic);
  void error(std::string code, SourceSpan span, std::string message, std::string suggestion = {},
             std::vector<std::string> notes = {});
  void warning(std::string code, SourceSpan span, std::string message, std::string suggestion = {});

  bool has_errors() const noexcept { return errors_ > 0; }
  std::size_t error_count() const noexcept { return errors_; }
  const std::vector<Diagnostic>& all() const noexcept { return all_; }

  /// Throws GraphError with everything collected when there is at least one error.
  void throw_if_errors() const;

 private:
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

/// The diagnostic as a person reads it: `file:line:col: error[E0203]: ...`, the line, a caret, the suggestion.
FCNGRAPH_API std::string render(const Diagnostic& diagnostic);
FCNGRAPH_API std::string render(std::span<const Diagnostic> diagnostics);

/// The candidate nearest to `name` by edit distance, or empty when none is near (distance above a third of the length).
FCNGRAPH_API std::string closest_match(std::string_view name, std::span<const std::string> candidates);

/// "did you mean 'X'?" for the closest candidate, or empty.
FCNGRAPH_API std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

/// "a, b, c": how lists of names read in messages.
FCNGRAPH_API std::string join(std::span<const std::string> names, std::string_view separator = ", ");

}  // namespace fcngraph
