// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/graph.h>

#include "lexer.h"

namespace fcngraph::text {

/// Thrown when a mistake has been reported and its line cannot be read further.
struct Mistake {};

/// What choose_kernels has written into a node.
struct KernelNote {
  std::string name, reason;
  std::int64_t workspace = 0;
};

/// Reads the parts that lines are made of. Each throws Mistake, after reporting, when the text is something else.
class ValueParser {
 public:
  ValueParser(Lexer& lexer, Diagnostics& diagnostics) : lexer_(lexer), diagnostics_(diagnostics) {}

  /// Reports at the token and throws Mistake.
  [[noreturn]] void fail(const Token& at, const std::string& code, const std::string& message,
                         const std::string& suggestion = {}, std::vector<std::string> notes = {});
  [[noreturn]] void unexpected(const std::string& wanted);

  Token expect(char symbol);
  bool accept(char symbol);
  void expect_word(std::string_view word);
  bool accept_word(std::string_view word);
  /// The end of the line, or of the file.
  void end_line();
  /// A name, bare or quoted; `what` says of what.
  Token name(const std::string& what);
  std::int64_t integer(const std::string& what);

  /// f32[1, 3, 224, 224]{tag, 602112 bytes}
  TensorType type();
  /// true, 3, 0.5, "same", [1, 2]
  AttrValue attribute();
  /// {key = value, ...}, or nothing
  AttrMap attributes(AttrSpans& spans);
  /// by "kernel" because "reason" workspace 4096, each of them optional
  KernelNote kernel();
  /// he_normal, or constant 0.5
  Initializer initializer();
  /// 0.5, [1, 2, 3], or hex "00ff": as many bytes as the type takes
  std::vector<std::byte> data(const TensorType& type);

 private:
  Token number(const std::string& what);
  double floating(const Token& token);
  Layout layout();
  AttrValue scalar();
  AttrValue list();

  Lexer& lexer_;
  Diagnostics& diagnostics_;
};

/// Throws GraphError for a tensor that is larger than any that a file may speak of.
void check_size(const TensorType& type);

}  // namespace fcngraph::text
