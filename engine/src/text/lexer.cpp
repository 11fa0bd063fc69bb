// SPDX-License-Identifier: Apache-2.0
#include "lexer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fcngraph/engine/attrs.h>

#include "words.h"

namespace fcngraph::text {
namespace {

constexpr std::string_view kSymbols = "=,:()[]{}";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto at = digits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string describe(const Token& token) {
  switch (token.kind) {
    case Token::Kind::newline:
      return "the end of the line";
    case Token::Kind::end:
      return "the end of the file";
    case Token::Kind::quoted:
      return to_string(AttrValue(token.text.substr(0, 60)));
    default: {
      const std::string quoted = to_string(AttrValue(token.text.substr(0, 60)));
      return "'" + quoted.substr(1, quoted.size() - 2) + "'";
    }
  }
}

Lexer::Lexer(std::shared_ptr<const SourceFile> file, Diagnostics& diagnostics)
    : file_(std::move(file)), diagnostics_(diagnostics), text_(file_->text) {
  ahead_ = read();
}

Token Lexer::next() {
  Token token = std::exchange(ahead_, {});
  ahead_ = token.kind == Token::Kind::end ? token : read();
  return token;
}

SourceSpan Lexer::here(std::size_t from) const {
  constexpr std::size_t kMost = std::numeric_limits<int>::max();
  return {file_, line_, static_cast<int>(std::min(from - line_start_ + 1, kMost)),
          static_cast<int>(std::clamp<std::size_t>(at_ - from, 1, kMost))};
}

void Lexer::skip_blank() {
  while (!at_end()) {
    const char c = text_[at_];
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at_;
    } else {
      return;
    }
  }
}

Token Lexer::read() {
  skip_blank();
  const std::size_t from = at_;
  Token token;
  if (at_end()) {
    token.span = here(from);
    return token;
  }
  const char c = text_[at_];
  if (c == '\n') {
    token = {Token::Kind::newline, {}, here(from)};
    // Blank lines are part of the one before.
    while (!at_end() && text_[at_] == '\n') {
      line_start_ = ++at_;
      ++line_;
      skip_blank();
    }
    return token;
  }
  if (c == '"') {
    token.kind = Token::Kind::quoted;
    read_quoted(token);
  } else if (starts_word(c)) {
    token.kind = Token::Kind::word;
    while (!at_end() && continues_word(text_[at_])) ++at_;
  } else if (is_digit(c) || c == '-' || c == '+') {
    token.kind = Token::Kind::number;
    while (!at_end() && continues_word(text_[at_])) ++at_;
  } else {
    token.kind = Token::Kind::symbol;
    ++at_;
    const auto foreign = [](char x) { return static_cast<unsigned char>(x) >= 0x80; };
    while (foreign(c) && !at_end() && foreign(text_[at_])) ++at_;
  }
  if (token.kind != Token::Kind::quoted) token.text = text_.substr(from, at_ - from);
  token.span = here(from);
  return token;
}

void Lexer::read_quoted(Token& token) {
  const std::size_t from = at_++;
  bool wrong = false;  // one complaint a string is enough
  while (!at_end() && text_[at_] != '"' && text_[at_] != '\n') {
    const std::size_t start = at_;
    if (text_[at_++] != '\\') {
      token.text += text_[start];
    } else if (const auto c = read_escape()) {
      token.text += *c;
    } else if (!std::exchange(wrong, true)) {
      diagnostics_.error("E0101", here(start), "there is no such escape in a string",
                         R"(escapes are \n \t \r \" \\ and \x00 with two hexadecimal digits)");
    }
  }
  if (!at_end() && text_[at_] == '"') {
    ++at_;
    return;
  }
  const SourceSpan start = here(from);
  diagnostics_.error("E0101", {file_, start.line, start.column, 1}, "the string is not ended on its line",
                     "add the closing quote");
}

std::optional<char> Lexer::read_escape() {
  constexpr std::string_view written = "ntr\"\\", meant = "\n\t\r\"\\";
  if (at_end() || text_[at_] == '\n') return std::nullopt;
  const char c = text_[at_++];
  if (const auto at = written.find(c); at != std::string_view::npos) return meant[at];
  if (c != 'x' || at_ + 1 >= text_.size()) return std::nullopt;
  const int high = hex_value(text_[at_]), low = hex_value(text_[at_ + 1]);
  if (high < 0 || low < 0) return std::nullopt;
  at_ += 2;
  return static_cast<char>(high * 16 + low);
}

}  // namespace fcngraph::text
