// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <mutex>
#include <new>
#include <span>

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

/// The image that a network reads, and the one that an overlay is drawn on, where that is another.
struct Pictures {
  Image image, whole;
};

/// Images whose results are written: the next ones take over their memory, which of photographs costs time to ask for.
class SpareImages {
 public:
  Image take() {
    const std::lock_guard lock(mutex_);
    if (images_.empty()) return {};
    Image out = std::move(images_.back());
    images_.pop_back();
    return out;
  }
  void give(Image image) {
    const std::lock_guard lock(mutex_);
    images_.push_back(std::move(image));
  }

 private:
  std::mutex mutex_;
  std::vector<Image> images_;
};

/// What reads inputs.
struct Reader {
  const Predictor& predictor;
  bool draws = false;  ///< overlays
  SpareImages& spares;
};

Pictures read_pictures(const Reader& reader, const std::string& path) {
  Pictures out{reader.predictor.load(path, reader.spares.take()), {}};
  if (reader.draws && out.image.reduction > 1) out.whole = load_image(path);
  return out;
}

/// Image decoders read files: what comes on stdin becomes one for as long as it is read.
Pictures pictures_on_stdin(const Reader& reader) {
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
    return read_pictures(reader, path.string());
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
  options.compile.batch = arguments.integer("batch", 1, 1 << 20).value_or(1);
  options.compile.height = size.height;
  options.compile.width = size.width;
  options.compile.memory_budget = choose_memory_budget(arguments);
  options.compile.heads = arguments.list("heads");
  options.compile.fetch = arguments.list("fetch");
  options.native = size.native;
  const auto& save = arguments.list("save");
  options.probabilities = std::find(save.begin(), save.end(), "probabilities") != save.end();
  options.logits = std::find(save.begin(), save.end(), "npy") != save.end();
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

/// What becomes of an input: read, predicted, written, or given up with a sentence.
struct Work {
  const InferInput* input = nullptr;
  Pictures pictures;  ///< empty where the input is an .npy
  std::vector<Prediction> predictions;
  std::vector<std::string> written;
  std::string problem;
};

/// Runs `f`, and keeps in words what is no reason to leave the other inputs.
template <class F>
void attempt(Work& work, const F& f) {
  if (!work.problem.empty()) return;
  try {
    f();
  } catch (const InternalError&) {
    throw;
  } catch (const Error& error) {
    work.problem = error.what();
  } catch (const std::bad_alloc&) {
    work.problem = work.input->path + ": there is not enough memory";
  }
}

std::vector<Work> read_batch(const Reader& reader, std::span<const InferInput> inputs) {
  std::vector<Work> batch(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    batch[i].input = &inputs[i];
    if (inputs[i].is_npy) continue;
    attempt(batch[i], [&] {
      batch[i].pictures = inputs[i].path == "-" ? pictures_on_stdin(reader) : read_pictures(reader, inputs[i].path);
    });
  }
  return batch;
}

void predict_batch(Predictor& predictor, std::vector<Work>& batch) {
  std::vector<Image> images;
  std::vector<Work*> of;
  for (Work& work : batch) {
    if (work.input->is_npy) attempt(work, [&] { work.predictions = predictor.predict(batch_of(work.input->path)); });
    if (work.input->is_npy || !work.problem.empty()) continue;
    if (work.pictures.image.decoder_warnings > 0)
      say(fmt::format("warning: {}: is damaged, and was read as far as it goes", work.input->path));
    images.push_back(std::move(work.pictures.image));
    of.push_back(&work);
  }
  std::vector<Prediction> predictions;
  Work together{.input = batch.empty() ? nullptr : batch.front().input};
  attempt(together, [&] { predictions = predictor.predict(images); });
  for (std::size_t i = 0; i < of.size(); ++i) {
    // One that cannot be predicted must not take the others with it, and has to be called by its name.
    attempt(*of[i], [&] {
      of[i]->predictions.push_back(together.problem.empty() ? std::move(predictions[i]) : predictor.predict(images[i]));
    });
    of[i]->pictures.image = std::move(images[i]);
  }
}

std::vector<Work> write_batch(const InferOutputs& outputs, SpareImages& spares, std::vector<Work> batch) {
  for (Work& work : batch) {
    const bool several = work.predictions.size() > 1;
    for (std::size_t i = 0; i < work.predictions.size(); ++i) {
      InferOutputs each = outputs;
      each.fetch_in_folders = outputs.fetch_in_folders || several;
      const auto stem = several ? fmt::format("{}-{}", work.input->stem, i) : work.input->stem;
      attempt(work, [&] {
        const Image& whole = work.pictures.whole.pixels.empty() ? work.pictures.image : work.pictures.whole;
        const Image* image = work.input->is_npy ? nullptr : &whole;
        for (auto& path : each.write(stem, work.predictions[i], image)) work.written.push_back(std::move(path));
      });
    }
    spares.give(std::move(work.pictures.image));
    work.pictures = {};
    work.predictions.clear();
  }
  return batch;
}

/// What came of all inputs so far, said as it comes.
struct Report {
  bool json = false;
  Json done = Json::array(), failed = Json::array();

  void add(const std::vector<Work>& batch) {
    for (const Work& work : batch) {
      if (!work.problem.empty()) {
        say("error: " + work.problem);
        failed.push_back({{"input", work.input->path}, {"message", work.problem}});
        continue;
      }
      done.push_back({{"input", work.input->path}, {"outputs", work.written}});
      for (const auto& path : work.written) {
        if (json) break;
        wipe_bar();
        print(path + '\n');
      }
    }
  }
};

/// A batch is read, and the one before it written, while the network runs.
void apply(Predictor& predictor, const InferOutputs& outputs, std::span<const InferInput> inputs, std::size_t at_a_time,
           Report& report) {
  SpareImages spares;
  const Reader reader{.predictor = predictor, .draws = outputs.overlay, .spares = spares};
  std::size_t at = 0;
  const auto read_next = [&] {
    const auto next = inputs.subspan(at, std::min(at_a_time, inputs.size() - at));
    at += next.size();
    return std::async(std::launch::async, read_batch, std::cref(reader), next);
  };
  auto reading = read_next();
  std::future<std::vector<Work>> writing;
  for (std::size_t done = 0; done < inputs.size() && !interrupted();) {
    std::vector<Work> batch = reading.get();
    draw_bar(static_cast<double>(done) / static_cast<double>(inputs.size()), batch.front().input->path);
    done += batch.size();
    if (at < inputs.size()) reading = read_next();
    predict_batch(predictor, batch);
    if (writing.valid()) report.add(writing.get());
    writing = std::async(std::launch::async, write_batch, std::cref(outputs), std::ref(spares), std::move(batch));
  }
  if (writing.valid()) report.add(writing.get());
}

}  // namespace

int run_infer(const Arguments& arguments) {
  if (!arguments.has("input")) throw UsageError("infer lacks what to look at: --input PATH...");
  const auto model = load_model(arguments, load_options(arguments, false));
  const auto weights = choose_weights(arguments, model);
  const auto inputs = list_inputs(arguments.list("input"));
  Predictor predictor(model, weights.weights, predictor_options(arguments, weights.weights));
  const auto frozen = check_frozen_weights(model, predictor.program(), weights.weights, weights.random);
  if (!frozen.empty()) say("warning: " + frozen);
  if (!weights.weights.names().empty()) say(predictor.report().to_text(20));
  warn_of_heads(predictor);

  const auto outputs = outputs_of(arguments, model, inputs.size());
  if (outputs.overlay) {
    for (const auto& input : inputs) {
      if (input.is_npy) say(fmt::format("warning: {}: is no image, so there is no overlay", input.path));
    }
  }
  Report report{.json = arguments.has("json")};
  apply(predictor, outputs, inputs, static_cast<std::size_t>(predictor.at_a_time()), report);
  wipe_bar();
  const bool any_failed = !report.failed.empty();
  if (report.json) {
    const Json out = {{"images", std::move(report.done)}, {"failed", std::move(report.failed)}};
    print(out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
  }
  if (interrupted()) return kInterrupted;
  return any_failed ? kFailed : kOk;
}

}  // namespace fcngraph::cli
