// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fcngraph/engine/rewriter.h>
#include <fcngraph/engine/text.h>

#include "value_parser.h"
#include "words.h"

namespace fcngraph {
namespace text {
namespace {

constexpr std::size_t kLargestText = 16U << 20U;
constexpr std::size_t kMostLines = 200'000;
constexpr std::size_t kMostMistakes = 50;
constexpr std::size_t kMostOperands = 4096;
constexpr int kDeepest = 8;
constexpr std::size_t kMostCompared = 2000;  // names looked through for the nearest one

/// A graph, or a region's body, while it is read.
struct Scope {
  Scope(std::string name, Diagnostics& diagnostics) : graph(std::move(name)), rewriter(graph, diagnostics) {}
  Graph graph;
  Rewriter rewriter;
  Phase phase = Phase::forward;
  std::set<std::string> outputs;
  std::set<std::string> lost;  ///< names whose lines have mistakes: what uses them is not worth a second message
};

/// Thrown when nothing behind a mistake is worth reading.
struct Stop {};

class GraphParser {
 public:
  GraphParser(std::shared_ptr<const SourceFile> file, const OpTable& ops, Diagnostics& diagnostics)
      : ops_(ops), diagnostics_(diagnostics), lexer_(std::move(file), diagnostics), values_(lexer_, diagnostics) {}

  std::optional<Graph> run() try {
    const std::size_t errors = diagnostics_.error_count();
    most_errors_ = errors + kMostMistakes;
    skip_blank_lines();
    read_version();
    skip_blank_lines();
    values_.expect_word("graph");
    Scope scope(values_.name("the graph").text, diagnostics_);
    read_body(scope, 0);
    skip_blank_lines();
    if (lexer_.peek().kind != Token::Kind::end) values_.unexpected("the end of the file");
    if (diagnostics_.error_count() != errors) return std::nullopt;
    return std::move(scope.graph);
  } catch (const Mistake&) {
    return std::nullopt;
  } catch (const Stop&) {
    return std::nullopt;
  }

 private:
  void skip_blank_lines() {
    while (lexer_.peek().kind == Token::Kind::newline) lexer_.next();
  }

  void read_version() {
    values_.expect_word("fcngraph");
    const Token token = lexer_.peek();
    const std::int64_t version = values_.integer("a format version");
    if (version < 1) values_.fail(token, "E0102", "expected a format version of at least 1, got " + token.text);
    if (version > kTextFormat) {
      values_.fail(
          token, "E0102",
          "the file has format " + token.text + ", this library reads formats up to " + std::to_string(kTextFormat),
          "a newer fcngraph has written it");
    }
    values_.end_line();
  }

  void read_body(Scope& scope, int depth) {
    if (depth > kDeepest)
      values_.fail(lexer_.peek(), "E0111", "bodies are nested more than " + std::to_string(kDeepest) + " deep");
    const Token open = values_.expect('{');
    values_.end_line();
    while (!values_.accept('}')) {
      if (lexer_.peek().kind == Token::Kind::end) stop("E0101", open.span, "this brace is not closed");
      read_line(scope, depth);
    }
  }

  void read_line(Scope& scope, int depth) {
    const SourceSpan start = lexer_.peek().span;
    if (++lines_ > kMostLines) stop("E0111", start, "the file has more than " + std::to_string(kMostLines) + " lines");
    std::vector<std::string> declared;
    try {
      read_statement(scope, depth, declared);
      values_.end_line();
      return;
    } catch (const Mistake&) {  // reported
    } catch (const GraphError& error) {
      diagnostics_.error("E0207", start, error.what());  // sizes that overflow
    }
    scope.lost.insert(declared.begin(), declared.end());
    if (diagnostics_.error_count() >= most_errors_) stop("E0111", start, "there are too many mistakes to go on");
    skip_line();
  }

  [[noreturn]] void stop(const std::string& code, const SourceSpan& span, const std::string& why) {
    diagnostics_.error(code, span, why);
    throw Stop{};
  }

  // Goes to the next line, past the body that begins on this one.
  void skip_line() {
    int depth = 0;
    bool opens = false, starts = false;
    for (; lexer_.peek().kind != Token::Kind::end; lexer_.next()) {
      const Token& token = lexer_.peek();
      if (token.kind == Token::Kind::newline) {
        depth += opens ? 1 : 0;
        if (depth == 0) break;
      }
      if (starts && token.is('}')) --depth;
      opens = token.is('{');
      starts = token.kind == Token::Kind::newline;
    }
    lexer_.next();
  }

  void read_statement(Scope& scope, int depth, std::vector<std::string>& declared) {
    const Token first = values_.name("an input, a parameter, a node or an output");
    const bool keyword = first.kind == Token::Kind::word;
    if (keyword && first.text == "input") {
      declare(scope, Role::input, false, declared);
    } else if (keyword && first.text == "parameter") {
      declare(scope, Role::parameter, false, declared);
    } else if (keyword && first.text == "trainable") {
      values_.expect_word("parameter");
      declare(scope, Role::parameter, true, declared);
    } else if (keyword && first.text == "state") {
      declare(scope, Role::state, false, declared);
    } else if (keyword && first.text == "constant") {
      declare(scope, Role::constant, false, declared);
    } else if (keyword && first.text == "phase") {
      scope.phase = read_phase();
    } else if (keyword && (first.text == "output" || first.text == "alias")) {
      read_binding(scope, first.text == "output");
    } else {
      read_node(scope, first, depth, declared);
    }
  }

  void check_free(const Scope& scope, const Token& name) {
    if (scope.graph.find_value(name.text).valid() || scope.graph.find_node(name.text).valid())
      values_.fail(name, "E0201", "the name " + describe(name) + " is taken");
  }

  void declare(Scope& scope, Role role, bool trainable, std::vector<std::string>& declared) {
    const Token name = values_.name("the value");
    declared.push_back(name.text);
    check_free(scope, name);
    values_.expect(':');
    TensorType type = values_.type();
    if (role == Role::input) {
      scope.rewriter.add_input(name.text, std::move(type), name.span);
    } else if (role == Role::constant) {
      values_.expect('=');
      auto data = values_.data(type);
      scope.rewriter.add_constant(name.text, std::move(type), std::move(data));
    } else {
      const Initializer init = values_.accept('=') ? values_.initializer() : Initializer{};
      if (role == Role::parameter) {
        scope.rewriter.add_parameter(name.text, std::move(type), init, trainable, name.span);
      } else {
        scope.rewriter.add_state(name.text, std::move(type), init, name.span);
      }
    }
  }

  Phase read_phase() {
    const Token word = values_.name("a phase");
    const auto found = std::find(kPhases.begin(), kPhases.end(), word.text);
    if (found != kPhases.end()) return static_cast<Phase>(found - kPhases.begin());
    const std::vector<std::string> known(kPhases.begin(), kPhases.end());
    values_.fail(word, "E0109", "there is no phase " + describe(word), did_you_mean(word.text, known),
                 {"phases: " + join(known)});
  }

  void read_binding(Scope& scope, bool output) {
    const Token name = values_.name(output ? "the output" : "the alias");
    values_.expect('=');
    const ValueId value = read_value(scope);
    if (!output) {
      check_free(scope, name);
      return scope.rewriter.add_alias(name.text, value);
    }
    if (!scope.outputs.insert(name.text).second)
      values_.fail(name, "E0201", "there is an output " + describe(name) + " already");
    scope.rewriter.set_output(name.text, value);
  }

  ValueId read_value(const Scope& scope) {
    const Token name = values_.name("a value");
    const ValueId id = scope.graph.find_value(name.text);
    if (id.valid()) return id;
    if (scope.lost.contains(name.text)) throw Mistake{};
    const bool few = scope.graph.value_count() <= kMostCompared;
    values_.fail(name, "E0203", "there is no value " + describe(name) + " above this line",
                 few ? did_you_mean(name.text, scope.graph.value_names()) : "");
  }

  std::vector<ValueId> read_operands(const Scope& scope, const Token& op_name, const OpDef& op) {
    std::vector<ValueId> operands;
    values_.expect('(');
    for (bool first = true; !values_.accept(')'); first = false) {
      if (!first) values_.expect(',');
      if (operands.size() == kMostOperands)
        values_.fail(op_name, "E0111", "a node has at most " + std::to_string(kMostOperands) + " operands");
      operands.push_back(values_.accept_word(kAbsent) ? ValueId{} : read_value(scope));
    }
    const bool variadic = !op.operands.empty() && op.operands.back().variadic;
    if (!variadic && operands.size() > op.operands.size()) {
      values_.fail(op_name, "E0301",
                   "op '" + op.name + "' takes " + std::to_string(op.operands.size()) + " operands, got " +
                       std::to_string(operands.size()));
    }
    return operands;
  }

  const OpDef& read_op() {
    const Token name = values_.name("an op");
    if (const OpDef* op = ops_.find(name.text)) return *op;
    const auto known = ops_.names();
    values_.fail(name, "E0202", "there is no op " + describe(name), did_you_mean(name.text, known),
                 {"ops known: " + join(known)});
  }

  Attrs read_attrs(const Token& node, const OpDef& op) {
    AttrSpans spans;
    const AttrMap map = values_.attributes(spans);
    const std::size_t errors = diagnostics_.error_count();
    Attrs attrs = op.schema.make(map, spans, node.span, "node " + describe(node), diagnostics_);
    if (diagnostics_.error_count() != errors) throw Mistake{};
    return attrs;
  }

  void read_node(Scope& scope, const Token& first, int depth, std::vector<std::string>& declared) {
    std::vector<Token> names{first};
    while (values_.accept(',')) names.push_back(values_.name("a result"));
    for (const Token& name : names) declared.push_back(name.text);
    values_.expect('=');
    const Token op_name = lexer_.peek();
    const OpDef& op = read_op();
    NodeInit init{first.text, &op, {}, {}, scope.phase, first.span, nullptr};
    init.operands = read_operands(scope, op_name, op);
    init.attrs = read_attrs(first, op);
    values_.expect(':');
    std::vector<std::pair<Token, TensorType>> types;
    do {
      const Token at = lexer_.peek();
      types.emplace_back(at, values_.type());
    } while (values_.accept(','));
    const KernelNote kernel = values_.kernel();
    if (values_.accept_word("body")) init.body = read_region(depth);

    for (std::size_t i = 0; i < names.size(); ++i) {
      check_free(scope, names[i]);
      if (std::count(declared.begin(), declared.end(), names[i].text) > 1)
        values_.fail(names[i], "E0201", "the name " + describe(names[i]) + " is taken");
      if (i > 0) init.further_results.push_back(names[i].text);
    }
    const NodeId id = scope.rewriter.add(std::move(init));
    if (!id.valid()) throw Mistake{};
    scope.rewriter.set_kernel(id, kernel.name, kernel.reason, kernel.workspace);
    take_types(scope, id, names, types);
  }

  std::unique_ptr<Graph> read_region(int depth) {
    Scope scope(values_.name("the body").text, diagnostics_);
    const std::size_t errors = diagnostics_.error_count();
    read_body(scope, depth + 1);
    if (diagnostics_.error_count() != errors) throw Mistake{};
    return std::make_unique<Graph>(std::move(scope.graph));
  }

  // Holds what is written against what the op says, and takes the layouts from what is written.
  void take_types(Scope& scope, NodeId id, const std::vector<Token>& names,
                  const std::vector<std::pair<Token, TensorType>>& types) {
    const std::vector<ValueId> results = scope.graph.node(id).results;
    for (const std::size_t count : {names.size(), types.size()}) {
      if (count == results.size()) continue;
      values_.fail(names.front(), "E0112",
                   "node " + describe(names.front()) + " has " + std::to_string(results.size()) + " results, got " +
                       std::to_string(count) + (count == names.size() ? " names" : " types"));
    }
    for (std::size_t r = 0; r < results.size(); ++r) {
      const TensorType& inferred = scope.graph.value(results[r]).type;
      const auto& [at, written] = types[r];
      check_size(inferred);
      if (inferred.dtype != written.dtype || inferred.shape != written.shape) {
        diagnostics_.error("E0112", at.span,
                           describe(names[r]) + " is written as " + to_string(written) + ", op '" +
                               scope.graph.node(id).op->name + "' makes " + to_string(inferred));
      } else {
        scope.rewriter.set_layout(results[r], written.layout);
      }
    }
  }

  const OpTable& ops_;
  Diagnostics& diagnostics_;
  Lexer lexer_;
  ValueParser values_;
  std::size_t most_errors_ = 0, lines_ = 0;
};

}  // namespace
}  // namespace text

std::optional<Graph> parse_graph(std::string_view text, std::string_view file, const OpTable& ops,
                                 Diagnostics& diagnostics) {
  auto source = std::make_shared<SourceFile>(SourceFile{std::string(file), {}});
  if (text.size() > text::kLargestText) {
    diagnostics.error("E0100", {source, 0, 0, 1}, "the graph is larger than 16 MiB of text");
    return std::nullopt;
  }
  source->text = text;
  return text::GraphParser(source, ops, diagnostics).run();
}

}  // namespace fcngraph
