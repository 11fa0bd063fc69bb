// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fcngraph/backend_choice.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/text.h>

#include "command.h"
#include "pipeline_watch.h"
#include "terminal.h"
#include "text_file.h"

namespace fcngraph::cli {
namespace {

constexpr std::size_t kLargestFile = 16U << 20U;  // what parse_graph reads

Graph read_graph(const std::string& path, const OpTable& ops) try {
  Diagnostics diagnostics;
  auto graph = parse_graph(read_text_file(path == "-" ? "/dev/stdin" : path, kLargestFile), path, ops, diagnostics);
  diagnostics.throw_if_errors();
  return std::move(*graph);
} catch (const IoError& error) {
  throw UsageError(error.what());
}

std::vector<Pass> passes_of(const Arguments& arguments) try {
  std::vector<Pass> passes;
  for (const auto& name : arguments.list("passes")) passes.push_back(find_pass(name));
  return passes;
} catch (const GraphError& error) {
  throw UsageError(error.what());
}

int run(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("expected one graph: FILE.graph");
  const OpTable ops;
  const PassPipeline pipeline(passes_of(arguments));
  PipelineWatch watch(arguments);
  Graph graph = read_graph(arguments.positional()[0], ops);
  const auto mode = arguments.text("mode", "infer");
  PassContext context;
  context.mode = mode == "train" ? Mode::train : mode == "eval" ? Mode::eval : Mode::infer;
  context.backend = choose_backend(arguments.text("backend", "auto")).backend;
  context.ops = &ops;
  pipeline.run(graph, context, watch.options());
  watch.finish();
  const auto out = arguments.text("out");
  out.empty() ? print(to_text(graph)) : write_text_file(out, to_text(graph));
  return kOk;
}

}  // namespace

Command opt_command() {
  std::vector<Option> options = {
      {"passes", Arity::list, "PASS,...", "what is run, in this order"},
      {"mode", Arity::one, "MODE", "infer (default), eval or train", {"infer", "eval", "train"}},
      {"backend", Arity::one, "NAME", "auto (default), reference, onednn, cudnn"},
      {"out", Arity::one, "FILE", "writes the graph there instead of stdout", {}, {}, 'o'}};
  append(options, pipeline_options());
  append(options, {stop_after_option()});
  return {"opt", "runs passes on a graph, text in and text out", "FILE.graph --passes PASS,...", std::move(options),
          run};
}

}  // namespace fcngraph::cli
