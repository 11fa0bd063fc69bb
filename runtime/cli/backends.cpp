// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/environment.h>

#include "command.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

int run(const Arguments& arguments) {
  if (!arguments.positional().empty()) throw UsageError("backends takes no names");
  const auto here = environment();
  if (arguments.has("json")) {
    auto out = nlohmann::ordered_json::array();
    for (const auto& b : here.backends) out.push_back({{"name", b.name}, {"available", b.available}, {"text", b.text}});
    print(out.dump(2) + '\n');
    return kOk;
  }
  std::vector<std::vector<std::string>> rows = {{"backend", "available", "on what, or why not"}};
  for (const auto& b : here.backends) rows.push_back({b.name, b.available ? "yes" : "no", b.text});
  print(format_columns(rows));
  return kOk;
}

}  // namespace

Command backends_command() {
  return {"backends", "lists what models can run on", "", {{"json", Arity::flag, "", "as one JSON document"}}, run};
}

}  // namespace fcngraph::cli
