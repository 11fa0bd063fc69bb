// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/import.h>

#include "command.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string to_json(const ImportedWeights& imported) {
  Json rows = Json::array();
  for (const auto& row : imported.report.rows)
    rows.push_back({{"name", row.name}, {"status", row.status}, {"detail", row.detail}});
  const Json out = {{"form", imported.form},
                    {"layout", imported.layout},
                    {"published", imported.published},
                    {"loaded", imported.report.loaded},
                    {"reshaped", imported.report.reshaped},
                    {"unused", imported.report.unused},
                    {"tensors", std::move(rows)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

int run(const Arguments& arguments) {
  const auto& files = arguments.positional();
  if (files.size() != 1) throw UsageError("import takes one file of weights: fcngraph import SRC -o FILE.safetensors");
  const auto imported = import_weights(files[0], arguments.text("layout", "auto"));
  if (arguments.has("out")) imported.weights.save(arguments.text("out"));
  if (arguments.has("json")) {
    print(to_json(imported));
    return kOk;
  }
  print(fmt::format("{}: {}, layout {}{}\n", files[0], imported.form, imported.layout,
                    imported.published.empty() ? "" : ": " + imported.published));
  print(imported.report.to_text());
  if (arguments.has("out")) print(arguments.text("out") + '\n');
  return kOk;
}

}  // namespace

Command import_command() {
  return {"import",
          "reads weights of Keras (HDF5, .keras), .npz or safetensors, and writes them as safetensors",
          "SRC -o FILE.safetensors",
          {{"out", Arity::one, "FILE", "where the weights go; without it they are only listed", {}, {}, 'o'},
           {"layout",
            Arity::one,
            "NAME",
            "of the tensors: auto (default), keras, or fcngraph (our own names and shapes)",
            {"auto", "keras", "fcngraph"}},
           {"json", Arity::flag, "", "the table as one JSON document"}},
          run};
}

}  // namespace fcngraph::cli
