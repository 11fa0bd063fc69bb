// SPDX-License-Identifier: Apache-2.0
#include "error_case.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include <fcngraph/dataset.h>
#include <fcngraph/dsl/build.h>
#include <fcngraph/dsl/load.h>
#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/text.h>
#include <fcngraph/fcngraph.h>
#include <fcngraph/reference/backend.h>

namespace fcngraph::testing {
namespace {

namespace fs = std::filesystem;

struct Comments {
  LoadOptions options;
  std::vector<std::string> expected, fetch;
  std::string then, refuse, precision = "f32";
};

Comments read_comments(const fs::path& path) {
  Comments out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto after = [&](const char* word, auto take) {
      const std::string prefix = std::string("# ") + word + ": ";
      if (line.starts_with(prefix)) take(line.substr(prefix.size()));
    };
    after("expect", [&](std::string text) { out.expected.push_back(std::move(text)); });
    after("set", [&](std::string text) { out.options.set.push_back(std::move(text)); });
    after("data", [&](std::string text) { out.options.data = std::move(text); });
    after("then", [&](std::string text) { out.then = std::move(text); });
    after("refuse", [&](std::string text) { out.refuse = std::move(text); });
    after("precision", [&](std::string text) { out.precision = std::move(text); });
    after("fetch", [&](std::string text) { out.fetch.push_back(std::move(text)); });
  }
  return out;
}

/// The reference backend without one op.
class Refusing final : public Backend {
 public:
  explicit Refusing(std::string op) : op_(std::move(op)) {}
  std::string_view name() const override { return "reference"; }
  Probe probe() const override { return reference_backend().probe(); }
  Capability capability(const StepView& step, const KernelPolicy& policy) const override {
    if (step.op->name == op_) return Capability::no("it has no kernel for it");
    return reference_backend().capability(step, policy);
  }
  std::unique_ptr<Device> open(const DeviceOptions& options) const override {
    return reference_backend().open(options);
  }

 private:
  std::string op_;
};

void compile_model(const dsl::ModelSpec& spec, const Comments& comments, Mode mode) {
  const OpTable ops;
  Diagnostics diagnostics;
  Graph graph = dsl::build_graph(spec, {.mode = mode, .classes = 3, .fetch = comments.fetch}, ops, diagnostics);
  diagnostics.throw_if_errors();
  const Refusing backend(comments.refuse);
  CompilerOptions options;
  options.context = {.mode = mode,
                     .backend = &backend,
                     .ops = &ops,
                     .optimizer = dsl::optimizer_options(spec.train),
                     .precision = dsl::precision_options(spec.compile, *dtype_from(comments.precision))};
  (void)fcngraph::compile(std::move(graph), options);
}

void go_on(const fs::path& path, const Comments& comments, const dsl::ModelSpec& spec) {
  const auto is = [&](const char* what) { return comments.then.starts_with(what); };
  if (is("check")) throw GraphError(Model::check(path, comments.options));
  if (is("compile")) return compile_model(spec, comments, is("compile train") ? Mode::train : Mode::infer);
  if (is("data")) return static_cast<void>(open_dataset(spec.data));
  REQUIRE((is("run") || is("weights ")));
  const Program program = Model::load(path, comments.options).compile({.backend = "reference"});
  if (is("run")) return static_cast<void>(program.open().run({}));
  Weights weights;
  weights.set(comments.then.substr(std::string("weights ").size()), Tensor::zeros({DType::f32, {1}, {}}));
  (void)program.open(weights);
}

}  // namespace

fs::path source_folder() {
  const char* root = std::getenv("FCNGRAPH_SOURCE_DIR");
  REQUIRE_MESSAGE(root != nullptr, "FCNGRAPH_SOURCE_DIR names the repository; ctest sets it");
  return root;
}

std::vector<fs::path> error_files() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(source_folder() / "tests" / "errors")) {
    if (entry.path().extension() == ".toml" || entry.path().extension() == ".graph") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

ErrorCase read_error_case(const fs::path& path) {
  const Comments comments = read_comments(path);
  Diagnostics diagnostics;
  if (path.extension() == ".graph") {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    (void)parse_graph(text.str(), path.string(), OpTable{}, diagnostics);
    return {comments.expected, diagnostics.all()};
  }
  const auto spec = dsl::load_model(path, {comments.options.set, comments.options.data}, diagnostics);
  if (comments.then.empty() || diagnostics.has_errors()) return {comments.expected, diagnostics.all()};
  try {
    go_on(path, comments, spec);
  } catch (const GraphError& error) {
    return {comments.expected, error.diagnostics()};
  }
  return {comments.expected, {}};
}

std::string code_and_place(const Diagnostic& d, const fs::path& path) {
  std::string file;
  if (d.span.file && d.span.file->path != path.string()) {
    const auto& shown = d.span.file->path;
    file = (shown.starts_with("--") ? shown.substr(0, shown.find(' ')) : fs::path(shown).filename().string()) + ":";
  }
  return d.code + " " + file + std::to_string(d.span.line) + ":" + std::to_string(d.span.column);
}

std::string shown(const Diagnostic& diagnostic) {
  std::string text = render(diagnostic);
  const std::string root = source_folder().string() + "/";
  for (auto at = text.find(root); at != std::string::npos; at = text.find(root, at)) text.erase(at, root.size());
  return text;
}

}  // namespace fcngraph::testing
