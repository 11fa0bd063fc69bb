// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/types.h>
#include <fcngraph/environment.h>
#include <fcngraph/model.h>

#include "command.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

/// A small network whose weights and input are the same everywhere.
constexpr const char* kProbe = R"(
fcngraph = 1
[model]
name = "precision"
input = { height = 16, width = 16, preprocess = "none" }
[[node]]
name = "features"
op = "conv2d"
inputs = ["image"]
filters = 32
kernel = 3
padding = "same"
activation = "relu"
[[head]]
name = "scores"
from = "features"
upsample = 1
[data]
kind = "synthetic"
)";

struct Precision {
  std::string backend;
  double rms = 0, largest = 0;  ///< of the difference to the reference, over RMS of the value
};

Tensor scores_of(const Model& model, const std::string& backend) {
  CompileOptions options;
  options.backend = backend;
  auto session = model.compile(options).open();
  Tensor image = Tensor::zeros({DType::f32, {1, 3, 16, 16}, {}});
  for (int i = 0; i < 3 * 16 * 16; ++i) image.as<float>()[i] = static_cast<float>((i * 37) % 101) / 50.0F - 1.0F;
  return session.run({{"image", image}})["scores"];
}

/// Each backend against the reference, on the same weights.
std::vector<Precision> check_precision(const Environment& here) {
  const auto model = Model::parse(kProbe, ".");
  const Tensor truth = scores_of(model, "reference");
  std::vector<Precision> rows;
  for (const auto& backend : here.backends) {
    if (!backend.available || backend.name == "reference") continue;
    const Tensor got = scores_of(model, backend.name);
    double square = 0, difference = 0, largest = 0;
    const auto count = truth.type.shape.elements();
    for (std::int64_t i = 0; i < count; ++i) {
      const double d = static_cast<double>(got.as<float>()[i]) - truth.as<float>()[i];
      square += static_cast<double>(truth.as<float>()[i]) * truth.as<float>()[i];
      difference += d * d;
      largest = std::max(largest, std::abs(d));
    }
    const double rms = std::sqrt(square / static_cast<double>(count));
    rows.push_back({backend.name, std::sqrt(difference / static_cast<double>(count)) / rms, largest / rms});
  }
  return rows;
}

int run(const Arguments& arguments) {
  if (!arguments.positional().empty()) throw UsageError("env takes nothing");
  const auto here = environment();
  const auto precision = check_precision(here);
  if (arguments.has("json")) {
    using Json = nlohmann::ordered_json;
    Json libraries = Json::object(), backends = Json::array(), checks = Json::object();
    for (const auto& [name, version] : here.libraries) libraries[name] = version;
    for (const auto& b : here.backends)
      backends.push_back({{"name", b.name}, {"available", b.available}, {"text", b.text}});
    for (const auto& p : precision) checks[p.backend] = {{"rms", p.rms}, {"largest", p.largest}};
    const Json out = {{"fcngraph", here.version},
                      {"compiler", here.compiler},
                      {"system", here.system},
                      {"cpu", here.cpu},
                      {"isa", here.isa},
                      {"threads", here.threads},
                      {"memory_bytes", here.memory_bytes},
                      {"libraries", std::move(libraries)},
                      {"backends", std::move(backends)},
                      {"precision", std::move(checks)}};
    print(out.dump(2) + '\n');
    return kOk;
  }
  std::vector<std::vector<std::string>> rows = {{"fcngraph", here.version},
                                                {"compiler", here.compiler},
                                                {"system", here.system},
                                                {"cpu", here.cpu},
                                                {"isa", join(here.isa, " ")},
                                                {"threads", std::to_string(here.threads)},
                                                {"memory", human_bytes(here.memory_bytes)}};
  for (const auto& [name, version] : here.libraries) rows.push_back({name, version});
  for (const auto& b : here.backends)
    rows.push_back({"backend " + b.name, (b.available ? "available: " : "not available: ") + b.text});
  for (const auto& p : precision) {
    rows.push_back(
        {"precision " + p.backend,
         fmt::format("convolution against the reference: RMS {:.1e}, largest {:.1e} of RMS", p.rms, p.largest)});
  }
  print(format_columns(rows));
  return kOk;
}

}  // namespace

Command env_command() {
  return {"env", "says what machine and build this is", "", {{"json", Arity::flag, "", "as one JSON document"}}, run};
}

}  // namespace fcngraph::cli
