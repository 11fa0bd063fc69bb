// SPDX-License-Identifier: Apache-2.0
#include "value_parser.h"

#include <algorithm>
#include <charconv>

#include "words.h"

namespace fcngraph::text {
namespace {

constexpr std::size_t kHighestRank = 8;
// So that sums over every tensor of a file stay within 63 bits.
constexpr std::int64_t kLargestTensor = std::int64_t{1} << 44;

}  // namespace

void check_size(const TensorType& type) {
  const std::int64_t elements = checked_mul(type.shape.elements(), static_cast<std::int64_t>(size_of(type.dtype)));
  if (elements > kLargestTensor || bytes_of(type) > kLargestTensor)
    throw GraphError("a tensor of type " + to_string(type) + " is larger than 16 TiB");
}

void ValueParser::fail(const Token& at, const std::string& code, const std::string& message,
                       const std::string& suggestion, std::vector<std::string> notes) {
  diagnostics_.error(code, at.span, message, suggestion, std::move(notes));
  throw Mistake{};
}

void ValueParser::unexpected(const std::string& wanted) {
  const Token& token = lexer_.peek();
  fail(token, "E0101", "expected " + wanted + ", got " + describe(token));
}

Token ValueParser::expect(char symbol) {
  if (!lexer_.peek().is(symbol)) unexpected(std::string("'") + symbol + "'");
  return lexer_.next();
}

bool ValueParser::accept(char symbol) {
  if (!lexer_.peek().is(symbol)) return false;
  lexer_.next();
  return true;
}

void ValueParser::expect_word(std::string_view word) {
  if (!accept_word(word)) unexpected("'" + std::string(word) + "'");
}

bool ValueParser::accept_word(std::string_view word) {
  if (!lexer_.peek().is_word(word)) return false;
  lexer_.next();
  return true;
}

void ValueParser::end_line() {
  if (!lexer_.peek().ends_line()) unexpected("the end of the line");
  lexer_.next();
}

Token ValueParser::name(const std::string& what) {
  if (!lexer_.peek().is_name()) unexpected("the name of " + what);
  return lexer_.next();
}

Token ValueParser::number(const std::string& what) {
  if (lexer_.peek().kind != Token::Kind::number) unexpected(what);
  return lexer_.next();
}

std::int64_t ValueParser::integer(const std::string& what) {
  const Token token = number(what);
  std::int64_t value = 0;
  const char* end = token.text.data() + token.text.size();
  const auto [stopped, error] = std::from_chars(token.text.data(), end, value);
  if (error == std::errc() && stopped == end) return value;
  const bool large = error == std::errc::result_out_of_range && stopped == end;
  fail(token, "E0106", "expected " + what + ", got " + describe(token) + (large ? ", which 64 bits cannot hold" : ""));
}

double ValueParser::floating(const Token& token) {
  double value = 0;
  const char* end = token.text.data() + token.text.size();
  const auto [stopped, error] = std::from_chars(token.text.data(), end, value);
  if (error != std::errc() || stopped != end) fail(token, "E0106", "expected a number, got " + describe(token));
  return value;
}

TensorType ValueParser::type() {
  const Token word = lexer_.peek();
  const auto dtype = word.kind == Token::Kind::word ? dtype_from(word.text) : std::nullopt;
  if (!dtype) unexpected("a type such as f32[1, 3, 8, 8]");
  lexer_.next();
  std::vector<std::int64_t> dims;
  expect('[');
  while (!accept(']')) {
    if (!dims.empty()) expect(',');
    const Token at = lexer_.peek();
    dims.push_back(integer("an extent"));
    if (dims.back() < 1) fail(at, "E0108", "expected an extent of at least 1, got " + at.text);
    if (dims.size() > kHighestRank)
      fail(at, "E0111", "the tensor has more than " + std::to_string(kHighestRank) + " extents");
  }
  TensorType type{*dtype, Shape(std::move(dims)), {}};
  if (lexer_.peek().is('{')) type.layout = layout();
  check_size(type);
  return type;
}

Layout ValueParser::layout() {
  expect('{');
  Layout layout{name("a layout").text, 0};
  if (accept(',')) {
    const Token at = lexer_.peek();
    layout.bytes = integer("a number of bytes");
    if (layout.bytes < 1) fail(at, "E0108", "expected at least 1 byte, got " + at.text);
    expect_word("bytes");
  }
  expect('}');
  return layout;
}

AttrValue ValueParser::attribute() {
  const Token& token = lexer_.peek();
  if (token.is('[')) return list();
  if (token.kind == Token::Kind::quoted) return lexer_.next().text;
  if (token.is_word("true") || token.is_word("false")) return lexer_.next().text == "true";
  return scalar();
}

AttrValue ValueParser::scalar() {
  const Token& token = lexer_.peek();
  const bool named = token.is_word("inf") || token.is_word("nan");
  if (token.kind != Token::Kind::number && !named) unexpected("a value: true, 3, 0.5, \"text\" or [1, 2]");
  if (token.text.find_first_of(".einE") == std::string::npos) return integer("a whole number");
  return floating(lexer_.next());
}

AttrValue ValueParser::list() {
  std::vector<std::int64_t> integers;
  std::vector<double> numbers;
  expect('[');
  while (!accept(']')) {
    if (!numbers.empty()) expect(',');
    const AttrValue value = scalar();
    const auto* integer = std::get_if<std::int64_t>(&value);
    if (integer != nullptr) integers.push_back(*integer);
    numbers.push_back(integer != nullptr ? static_cast<double>(*integer) : std::get<double>(value));
  }
  if (integers.size() == numbers.size()) return integers;
  return numbers;
}

AttrMap ValueParser::attributes(AttrSpans& spans) {
  AttrMap map;
  if (!accept('{')) return map;
  for (bool first = true; !accept('}'); first = false) {
    if (!first) expect(',');
    const Token key = name("an attribute");
    expect('=');
    spans[key.text] = lexer_.peek().span;
    if (!map.emplace(key.text, attribute()).second)
      fail(key, "E0201", "the attribute " + describe(key) + " is given twice");
  }
  return map;
}

KernelNote ValueParser::kernel() {
  KernelNote note;
  if (accept_word("by")) note.name = name("a kernel").text;
  if (accept_word("because")) note.reason = name("a reason").text;
  if (lexer_.peek().is_word("workspace")) {
    const Token at = lexer_.next();
    note.workspace = integer("a number of bytes");
    if (note.workspace < 0) fail(at, "E0108", "expected a workspace of at least 0 bytes");
  }
  return note;
}

Initializer ValueParser::initializer() {
  const Token word = name("an initialiser");
  const auto found = std::find(kInitializers.begin(), kInitializers.end(), word.text);
  if (found == kInitializers.end()) {
    const std::vector<std::string> known(kInitializers.begin(), kInitializers.end());
    fail(word, "E0109", "there is no initialiser " + describe(word), did_you_mean(word.text, known),
         {"initialisers: " + join(known)});
  }
  Initializer init{static_cast<Initializer::Kind>(found - kInitializers.begin()), 0};
  if (init.kind == Initializer::Kind::constant || !lexer_.peek().ends_line()) init.value = floating(lexer_.next());
  return init;
}

std::vector<std::byte> ValueParser::data(const TensorType& type) {
  const Token at = lexer_.peek();
  const auto wanted = static_cast<std::size_t>(bytes_of(type));
  std::vector<std::byte> out;
  const auto append = [&] {
    const Token token = number("a number");
    if (!append_number(type.dtype, token.text, out))
      fail(token, "E0106",
           "expected a number of type " + std::string(name_of(type.dtype)) + ", got " + describe(token));
  };
  if (accept_word("hex")) {
    const Token digits = name("hexadecimal digits");
    auto bytes = from_hex(digits.text);
    if (!bytes) fail(digits, "E0106", "expected two hexadecimal digits, 0 to f, for each byte");
    out = std::move(*bytes);
  } else if (accept('[')) {
    for (bool first = true; !accept(']'); first = false) {
      if (!first) expect(',');
      append();
    }
  } else {
    append();
  }
  if (out.size() != wanted)
    fail(
        at, "E0106",
        "expected " + std::to_string(wanted) + " bytes for " + to_string(type) + ", got " + std::to_string(out.size()));
  return out;
}

}  // namespace fcngraph::text
