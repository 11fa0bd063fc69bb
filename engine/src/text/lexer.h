// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fcngraph/engine/diagnostics.h>

namespace fcngraph::text {

struct Token {
  enum class Kind { word, quoted, number, symbol, newline, end };
  Kind kind = Kind::end;
  std::string
      text;  ///< without the quotes, escapes read; a symbol is one character, or a run of those that no text has
  SourceSpan span;

  bool is(char symbol) const { return kind == Kind::symbol && text.size() == 1 && text[0] == symbol; }
  bool is_word(std::string_view word) const { return kind == Kind::word && text == word; }
  bool is_name() const { return kind == Kind::word || kind == Kind::quoted; }
  bool ends_line() const { return kind == Kind::newline || kind == Kind::end; }
};

/// The token as messages call it: "'relu'", "the end of the line".
std::string describe(const Token& token);

/// Cuts text into tokens, one ahead. Blank lines and comments are gone; a newline is a token.
class Lexer {
 public:
  Lexer(std::shared_ptr<const SourceFile> file, Diagnostics& diagnostics);
  const Token& peek() const noexcept { return ahead_; }
  Token next();

 private:
  Token read();
  void skip_blank();
  void read_quoted(Token& token);
  std::optional<char> read_escape();
  SourceSpan here(std::size_t from) const;
  bool at_end() const noexcept { return at_ >= text_.size(); }

  std::shared_ptr<const SourceFile> file_;
  Diagnostics& diagnostics_;
  std::string_view text_;
  std::size_t at_ = 0, line_start_ = 0;
  int line_ = 1;
  Token ahead_;
};

}  // namespace fcngraph::text
