// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <new>

#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/data_source.h>
#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/evaluate.h>
#include <fcngraph/predictor.h>

#include "command.h"
#include "infer_inputs.h"
#include "infer_outputs.h"
#include "interrupt.h"
#include "run_options.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Image decoders read files: what comes on stdin becomes one for as long as it is read.
Image image_on_stdin() {
  const auto path = std::filesystem::temp_directory_path() / fmt::format("fcngraph-stdin-{}", getpid());
  struct Remove {
    const std::filesystem::path& path;
    ~Remove() {
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
    }
  } remove{path};
  std::ofstream file(path, std::ios::binary);
  file << std::cin.rdbuf();
  file.close();
  std::error_code error;
  if (std::filesystem::file_size(path, error) == 0 || error) throw IoError("-", "there is no image on stdin");
  try {
    return load_image(path.string());
  } catch (const IoError& failure) {
    std::string message = failure.what();
    message.erase(0, std::min(message.size(), path.string().size() + 2));
    throw IoError("-", message);
  }
}

Tensor batch_of(const std::string& path) {
  Tensor tensor = load_npy(path);
  auto& shape = tensor.type.shape;
  if (shape.rank() == 3) shape = Shape{1, shape[0], shape[1], shape[2]};
  if (tensor.type.dtype != DType::f32 || shape.rank() != 4) {
    throw GraphError(fmt::format("{}: expected float32 [N, H, W, C], got {}", path, to_string(tensor.type)));
  }
  return to_nchw(tensor);
}

PredictorOptions predictor_options(const Arguments& arguments, const Weights& weights) {
  const auto target = choose_target(arguments);
  const auto size = choose_size(arguments);
  PredictorOptions options;
  options.compile.backend = target.backend;
  options.compile.precision = target.precision;
  options.compile.threads = target.threads;
  options.compile.height = size.height;
  options.compile.width = size.width;
  options.compile.memory_budget = choose_memory_budget(arguments);
  options.compile.heads = arguments.list("heads");
  options.compile.fetch = arguments.list("fetch");
  options.native = size.native;
  const auto& save = arguments.list("save");
  options.probabilities = std::find(save.begin(), save.end(), "probabilities") != save.end();
  options.seed = initial_seed(weights, static_cast<std::uint64_t>(arguments.integer("seed", 0, INT64_MAX).value_or(0)));
  return options;
}

InferOutputs outputs_of(const Arguments& arguments, const Model& model, std::size_t inputs) {
  InferOutputs outputs;
  outputs.folder = arguments.text("out", "predictions");
  const auto& save = arguments.list("save");
  const auto asked = [&](const char* what) { return std::find(save.begin(), save.end(), what) != save.end(); };
  outputs.labels = asked("labels") || (save.empty() && !arguments.has("fetch"));
  outputs.overlay = asked("overlay");
  outputs.probabilities = asked("probabilities");
  outputs.logits = asked("npy");
  outputs.fetch_in_folders = inputs > 1;
  outputs.classes = model.classes();
  try {
    outputs.palette = open_dataset(model)->palette();
  } catch (const IoError&) {
    // A model is applied on machines that do not have the data it was trained on.
    outputs.palette = default_palette(static_cast<std::int64_t>(outputs.classes.size()));
  }
  return outputs;
}

void warn_of_heads(const Predictor& predictor) {
  std::vector<std::string> untrained;
  for (const auto& head : predictor.heads()) {
    for (const auto& row : predictor.report().rows) {
      if (row.status != "at its initialiser" || !row.name.starts_with(head + ".") || row.name == head + ".scale")
        continue;
      untrained.push_back(head);
      break;
    }
  }
  if (!untrained.empty()) {
    say(fmt::format("warning: no weights for head {}: left at its initialiser, what it predicts means nothing",
                    join(untrained)));
  }
}

/// Predicts one input and writes what came of it.
Json apply(Predictor& predictor, const InferOutputs& outputs, const InferInput& input) {
  std::vector<std::string> written;
  if (input.is_npy) {
    if (outputs.overlay) say(fmt::format("warning: {}: is no image, so there is no overlay", input.path));
    const auto predictions = predictor.predict(batch_of(input.path));
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      InferOutputs each = outputs;
      each.fetch_in_folders = outputs.fetch_in_folders || predictions.size() > 1;
      const auto stem = predictions.size() > 1 ? fmt::format("{}-{}", input.stem, i) : input.stem;
      for (auto& path : each.write(stem, predictions[i], nullptr)) written.push_back(std::move(path));
    }
  } else {
    const Image image = input.path == "-" ? image_on_stdin() : load_image(input.path);
    if (image.decoder_warnings > 0)
      say(fmt::format("warning: {}: is damaged, and was read as far as it goes", input.path));
    written = outputs.write(input.stem, predictor.predict(image), &image);
  }
  return {{"input", input.path}, {"outputs", written}};
}

}  // namespace

int run_infer(const Arguments& arguments) {
  if (!arguments.has("input")) throw UsageError("infer lacks what to look at: --input PATH...");
  if (arguments.has("batch")) throw UsageError("--batch does not go with --mode infer: images are taken one at a time");
  const auto model = load_model(arguments, load_options(arguments, false));
  const auto weights = choose_weights(arguments, model);
  const auto inputs = list_inputs(arguments.list("input"));
  Predictor predictor(model, weights.weights, predictor_options(arguments, weights.weights));
  const auto frozen = check_frozen_weights(model, predictor.program(), weights.weights, weights.random);
  if (!frozen.empty()) say("warning: " + frozen);
  if (!weights.weights.names().empty()) say(predictor.report().to_text(20));
  warn_of_heads(predictor);

  const auto outputs = outputs_of(arguments, model, inputs.size());
  Json done = Json::array(), failed = Json::array();
  for (std::size_t i = 0; i < inputs.size() && !interrupted(); ++i) {
    draw_bar(static_cast<double>(i) / static_cast<double>(inputs.size()), inputs[i].path);
    std::string problem;
    try {
      done.push_back(apply(predictor, outputs, inputs[i]));
      if (!arguments.has("json")) {
        for (const auto& path : done.back().at("outputs")) {
          wipe_bar();
          print(path.get<std::string>() + '\n');
        }
      }
      continue;
    } catch (const InternalError&) {
      throw;
    } catch (const Error& error) {
      problem = error.what();
    } catch (const std::bad_alloc&) {
      problem = inputs[i].path + ": there is not enough memory";
    }
    // One bad file among many is no reason to leave the others.
    say("error: " + problem);
    failed.push_back({{"input", inputs[i].path}, {"message", problem}});
  }
  wipe_bar();
  const bool any_failed = !failed.empty();
  if (arguments.has("json")) {
    const Json out = {{"images", std::move(done)}, {"failed", std::move(failed)}};
    print(out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
  }
  if (interrupted()) return kInterrupted;
  return any_failed ? kFailed : kOk;
}

}  // namespace fcngraph::cli
