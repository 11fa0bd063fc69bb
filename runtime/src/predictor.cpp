// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/predictor.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <list>
#include <set>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/error.h>

#include "data/placement.h"
#include "program_impl.h"

namespace fcngraph {
namespace {

constexpr std::size_t kProgramsKept = 8;

/// Softmax over channels of [1, C, H, W], pixel by pixel.
Tensor softmax(const Tensor& logits) {
  Tensor out = logits;
  const std::int64_t classes = logits.type.shape[1], pixels = logits.type.shape[2] * logits.type.shape[3];
  float* values = out.as<float>();
  std::vector<float> largest(values, values + pixels), sum(static_cast<std::size_t>(pixels), 0.0f);
  for (std::int64_t c = 1; c < classes; ++c) {
    for (std::int64_t p = 0; p < pixels; ++p) largest[p] = std::max(largest[p], values[c * pixels + p]);
  }
  for (std::int64_t c = 0; c < classes; ++c) {
    for (std::int64_t p = 0; p < pixels; ++p)
      sum[p] += values[c * pixels + p] = std::exp(values[c * pixels + p] - largest[p]);
  }
  for (std::int64_t c = 0; c < classes; ++c) {
    for (std::int64_t p = 0; p < pixels; ++p) values[c * pixels + p] /= sum[p];
  }
  return out;
}

Tensor as_f32(const Tensor& tensor) {
  if (tensor.type.dtype != DType::f64) return tensor;
  Tensor out = Tensor::zeros({DType::f32, tensor.type.shape, {}});
  std::transform(tensor.as<double>(), tensor.as<double>() + tensor.type.shape.elements(), out.as<float>(),
                 [](double x) { return static_cast<float>(x); });
  return out;
}

/// Image n of a batch; all of what is no batch of so many images.
Tensor slice(const Tensor& tensor, std::int64_t n, std::int64_t batch) {
  if (batch == 1 || tensor.type.shape.rank() == 0 || tensor.type.shape[0] != batch) return tensor;
  std::vector<std::int64_t> dims(tensor.type.shape.dims().begin(), tensor.type.shape.dims().end());
  const auto size = static_cast<std::ptrdiff_t>(tensor.data.size() / static_cast<std::size_t>(dims[0]));
  dims[0] = 1;
  const auto begin = tensor.data.begin() + n * size;
  return {{tensor.type.dtype, Shape(std::move(dims)), {}}, {begin, begin + size}};
}

}  // namespace

struct Predictor::Impl {
  struct Entry {
    data::Size size;
    std::int64_t batch;
    Session session;
  };

  Model model;
  PredictorOptions options;
  std::vector<std::string> heads;
  std::set<std::string> gives_probabilities;  ///< heads
  Program program;
  dsl::ResizeMode resize = dsl::ResizeMode::letterbox;
  data::Preprocess preprocess = data::Preprocess::none;
  std::list<Entry> sessions;  ///< used last first; never empty
  WeightsReport report;

  Impl(const Model& from, const Weights& weights, const PredictorOptions& given)
      : model(from), options(given), program(compile({given.compile.height, given.compile.width})) {
    resize = options.native ? dsl::ResizeMode::native : model.spec().data.resize;
    preprocess = program.impl().inputs.preprocess;
    const auto& asked = options.compile.heads;
    for (const HeadInfo& head : model.heads()) {
      if (head.gives_probabilities) gives_probabilities.insert(head.name);
      const bool all = asked == std::vector<std::string>{"all"};
      const bool named = std::find(asked.begin(), asked.end(), head.name) != asked.end();
      if (all || named || (asked.empty() && head.name == model.heads().back().name)) heads.push_back(head.name);
    }
    sessions.push_back({{program.height(), program.width()}, program.batch(), program.open(weights, options.seed)});
    report = sessions.front().session.report();
  }

  Program compile(data::Size size) const {
    CompileOptions compile_options = options.compile;
    compile_options.mode = Mode::infer;
    compile_options.batch = std::max<std::int64_t>(1, options.compile.batch);
    compile_options.height = size.height;
    compile_options.width = size.width;
    return model.compile(compile_options);
  }

  /// The session for inputs of this size, which shares the weights of the others.
  Entry& entry(data::Size size) {
    const auto found =
        std::find_if(sessions.begin(), sessions.end(), [&](const Entry& entry) { return entry.size == size; });
    if (found != sessions.end()) {
      sessions.splice(sessions.begin(), sessions, found);
      return sessions.front();
    }
    const Program made = compile(size);
    sessions.push_front({size, made.batch(), made.open(sessions.front().session)});
    if (sessions.size() > kProgramsKept) sessions.pop_back();
    return sessions.front();
  }

  /// The place of an image in a program's input.
  data::Placement placement(const Image& image) const {
    const data::Size file{image.file_size().height, image.file_size().width};
    return data::place(resize, file,
                       resize == dsl::ResizeMode::native ? file : data::Size{program.height(), program.width()});
  }

  /// What became of image n of a run.
  Prediction collect(const Result& result, std::int64_t n, std::int64_t batch, const data::Placement* placement) const {
    Prediction out;
    const auto& fetch = options.compile.fetch;
    for (const auto& [name, values] : result.tensors()) {
      const Tensor value = slice(values, n, batch);
      const bool is_head = std::find(heads.begin(), heads.end(), name) != heads.end();
      if (!is_head || std::find(fetch.begin(), fetch.end(), name) != fetch.end()) out.fetched.emplace(name, value);
      if (is_head) add_head(name, as_f32(value), placement, out);
    }
    return out;
  }

  void add_head(const std::string& name, Tensor logits, const data::Placement* placement, Prediction& out) const {
    const std::int64_t classes = logits.type.shape[1];
    const std::span<const float> planes(logits.as<float>(), logits.data.size() / sizeof(float));
    if (placement != nullptr && placement->file != placement->network) {
      if (!options.logits && !options.probabilities && classes <= kIgnore) {
        out.labels.emplace(name, placement->undo_argmax(planes, classes));
        return;
      }
      Tensor full = Tensor::zeros({DType::f32, {1, classes, placement->file.height, placement->file.width}, {}});
      placement->undo(planes, classes, {full.as<float>(), full.data.size() / sizeof(float)});
      logits = std::move(full);
    }
    out.labels.emplace(name, argmax(logits));
    if (options.probabilities)
      out.probabilities.emplace(name, gives_probabilities.count(name) > 0 ? logits : softmax(logits));
    if (options.logits) out.logits.emplace(name, std::move(logits));
  }

  /// Images that run together, from when they are begun until what became of them is taken.
  struct Run {
    Entry* entry;
    std::vector<std::size_t> chosen;
  };

  /// Begins to run them; their placements have the same network size, and there are no more than the session takes.
  void begin(std::span<const Image> images, std::span<const data::Placement> placements, const Run& run) {
    Entry& entry = *run.entry;
    const auto& chosen = run.chosen;
    const std::int64_t pixels = entry.size.height * entry.size.width;
    // What is left of a last batch runs on black images.
    Tensor planes = Tensor::zeros({DType::f32, {entry.batch, 3, entry.size.height, entry.size.width}, {}});
    for (std::size_t n = 0; n < chosen.size(); ++n) {
      const std::span<float> of_image(planes.as<float>() + static_cast<std::int64_t>(n) * 3 * pixels,
                                      static_cast<std::size_t>(3 * pixels));
      placements[chosen[n]].place(images[chosen[n]], preprocess, false, of_image, model.spec().data.half_precision);
    }
    entry.session.begin({{"image", std::move(planes)}});
  }

  void end(std::span<const data::Placement> placements, const Run& run, std::vector<Prediction>& out) {
    const Result result = run.entry->session.end();
    for (std::size_t n = 0; n < run.chosen.size(); ++n)
      out[run.chosen[n]] = collect(result, static_cast<std::int64_t>(n), run.entry->batch, &placements[run.chosen[n]]);
  }

  /// Runs that are under way beside the host while another is begun.
  std::size_t ahead() const { return program.impl().backend->works_beside_host() ? 1 : 0; }
};

Predictor::Predictor(const Model& model, const Weights& weights, const PredictorOptions& options)
    : impl_(std::make_unique<Impl>(model, weights, options)) {}
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

Image Predictor::load(const std::string& path, Image spare) const {
  if (!impl_->model.spec().data.scaled_decode) return load_image(path, {}, std::move(spare));
  const data::Size network{impl_->program.height(), impl_->program.width()};
  const auto rule = [&](ImageSize file) {
    return data::reduction_for(impl_->resize, {file.height, file.width}, network);
  };
  return load_image(path, rule, std::move(spare));
}

Prediction Predictor::predict(const Image& image) { return std::move(predict(std::span(&image, 1)).front()); }

std::vector<Prediction> Predictor::predict(std::span<const Image> images) {
  const InputRules& rules = impl_->program.impl().inputs;
  std::vector<data::Placement> placements;
  for (const Image& image : images) {
    if (image.channels != 3 || rules.channels != 3) {
      throw GraphError("an image has 3 channels, this model reads " + std::to_string(rules.channels) +
                       ": give it tensors");
    }
    placements.push_back(impl_->placement(image));
  }
  std::vector<Prediction> out(images.size());
  std::vector<bool> done(images.size());
  std::deque<Impl::Run> runs;
  const auto end_all_but = [&](std::size_t kept) {
    for (; runs.size() > kept; runs.pop_front()) impl_->end(placements, runs.front(), out);
  };
  try {
    for (std::size_t i = 0; i < images.size(); ++i) {
      if (done[i]) continue;
      Impl::Entry& entry = impl_->entry(placements[i].network);
      std::vector<std::size_t> chosen;
      for (std::size_t j = i; j < images.size() && chosen.size() < static_cast<std::size_t>(entry.batch); ++j) {
        if (done[j] || placements[j].network != entry.size) continue;
        chosen.push_back(j);
        done[j] = true;
      }
      runs.push_back({&entry, std::move(chosen)});
      impl_->begin(images, placements, runs.back());
      end_all_but(impl_->ahead());
    }
    end_all_but(0);
  } catch (...) {
    // Whoever goes on with other images must not get what became of these.
    for (const auto& run : runs) run.entry->session.forget();
    throw;
  }
  return out;
}

std::vector<Prediction> Predictor::predict(const Tensor& images) {
  const Shape& shape = images.type.shape;
  if (shape.rank() != 4 || images.type.dtype != DType::f32)
    throw GraphError("expected images f32[N, C, H, W], got " + to_string(images.type));
  if (static_cast<std::int64_t>(images.data.size()) != bytes_of(images.type))
    throw GraphError("images " + to_string(images.type) + " hold another number of bytes");
  std::vector<Prediction> out;
  if (shape[0] == 0) return out;
  Impl::Entry& entry = impl_->entry({shape[2], shape[3]});
  const std::size_t each = images.data.size() / static_cast<std::size_t>(shape[0]);
  for (std::int64_t first = 0; first < shape[0]; first += entry.batch) {
    const std::int64_t count = std::min(entry.batch, shape[0] - first);
    Tensor part = Tensor::zeros({DType::f32, {entry.batch, shape[1], shape[2], shape[3]}, {}});
    std::copy_n(images.data.data() + static_cast<std::size_t>(first) * each, static_cast<std::size_t>(count) * each,
                part.data.data());
    const Result result = entry.session.run({{"image", std::move(part)}});
    for (std::int64_t n = 0; n < count; ++n) out.push_back(impl_->collect(result, n, entry.batch, nullptr));
  }
  return out;
}

std::int64_t Predictor::at_a_time() const {
  constexpr std::int64_t kBatches = 4;  // begun one after the other, and ended together
  return impl_->program.batch() * (impl_->ahead() > 0 ? kBatches : 1);
}

const std::vector<std::string>& Predictor::heads() const { return impl_->heads; }
const WeightsReport& Predictor::report() const { return impl_->report; }
const Program& Predictor::program() const { return impl_->program; }

}  // namespace fcngraph
