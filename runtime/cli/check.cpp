// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/model.h>

#include "command.h"
#include "run_options.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Diagnostic& d) {
  return {{"severity", d.severity == Diagnostic::Severity::error ? "error" : "warning"},
          {"code", d.code},
          {"file", d.span.file ? d.span.file->path : std::string()},
          {"line", d.span.line},
          {"column", d.span.column},
          {"endColumn", d.span.column + d.span.length},
          {"message", d.message},
          {"suggestion", d.suggestion},
          {"notes", d.notes}};
}

int run(const Arguments& arguments) {
  if (arguments.positional().empty()) throw UsageError("check lacks the files: fcngraph check GRAPH...");
  const auto options = load_options(arguments, false);
  Json files = Json::array();
  bool wrong = false;
  for (const auto& file : arguments.positional()) {
    const auto found = Model::check(file, options);
    const bool bad = std::any_of(found.begin(), found.end(),
                                 [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::error; });
    wrong = wrong || bad;
    if (!found.empty()) say(render(found));
    if (!arguments.has("json")) print(fmt::format("{}: {}\n", file, bad ? "has errors" : "ok"));
    Json findings = Json::array();
    for (const auto& d : found) findings.push_back(to_json(d));
    files.push_back({{"file", file}, {"ok", !bad}, {"diagnostics", std::move(findings)}});
  }
  if (arguments.has("json")) print(files.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
  return wrong ? kUsage : kOk;
}

}  // namespace

Command check_command() {
  return {"check",
          "finds every mistake of each file",
          "GRAPH...",
          {{"data", Arity::one, "SPEC", "a data TOML, or KIND:ROOT, instead of the model's"},
           {"set", Arity::repeated, "A.B.C=VALUE", "changes any key of the model"},
           {"json", Arity::flag, "", "findings as one JSON document"}},
          run};
}

}  // namespace fcngraph::cli
