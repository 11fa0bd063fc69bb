// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/predictor.h>

#include <algorithm>
#include <cmath>
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

/// Image n of a batch.
Tensor slice(const Tensor& tensor, std::int64_t n) {
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
    sessions.push_back({{program.height(), program.width()}, program.open(weights, options.seed)});
    report = sessions.front().session.report();
  }

  Program compile(data::Size size) const {
    CompileOptions compile_options = options.compile;
    compile_options.mode = Mode::infer;
    compile_options.batch = 1;
    compile_options.height = size.height;
    compile_options.width = size.width;
    return model.compile(compile_options);
  }

  /// The session for inputs of this size, which shares the weights of the others.
  Session& session(data::Size size) {
    const auto found =
        std::find_if(sessions.begin(), sessions.end(), [&](const Entry& entry) { return entry.size == size; });
    if (found != sessions.end()) {
      sessions.splice(sessions.begin(), sessions, found);
      return sessions.front().session;
    }
    Session made = compile(size).open(sessions.front().session);
    sessions.push_front({size, std::move(made)});
    if (sessions.size() > kProgramsKept) sessions.pop_back();
    return sessions.front().session;
  }

  /// The place of an image in a program's input.
  data::Placement placement(const Image& image) const {
    const data::Size file{image.height, image.width};
    return data::place(resize, file,
                       resize == dsl::ResizeMode::native ? file : data::Size{program.height(), program.width()});
  }

  Prediction collect(const Result& result, const data::Placement* placement) const {
    Prediction out;
    for (const auto& [name, value] : result.tensors()) {
      if (std::find(heads.begin(), heads.end(), name) == heads.end()) {
        out.fetched.emplace(name, value);
        continue;
      }
      Tensor logits = as_f32(value);
      if (placement != nullptr && placement->file != placement->network) {
        const std::int64_t classes = logits.type.shape[1];
        Tensor full = Tensor::zeros({DType::f32, {1, classes, placement->file.height, placement->file.width}, {}});
        placement->undo({logits.as<float>(), logits.data.size() / sizeof(float)}, classes,
                        {full.as<float>(), full.data.size() / sizeof(float)});
        logits = std::move(full);
      }
      out.labels.emplace(name, argmax(logits));
      if (options.probabilities)
        out.probabilities.emplace(name, gives_probabilities.count(name) > 0 ? logits : softmax(logits));
      const bool asked =
          std::find(options.compile.fetch.begin(), options.compile.fetch.end(), name) != options.compile.fetch.end();
      if (asked) out.fetched.emplace(name, value);
      out.logits.emplace(name, std::move(logits));
    }
    return out;
  }
};

Predictor::Predictor(const Model& model, const Weights& weights, const PredictorOptions& options)
    : impl_(std::make_unique<Impl>(model, weights, options)) {}
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

Prediction Predictor::predict(const Image& image) {
  const InputRules& rules = impl_->program.impl().inputs;
  if (image.channels != 3 || rules.channels != 3) {
    throw GraphError("an image has 3 channels, this model reads " + std::to_string(rules.channels) +
                     ": give it tensors");
  }
  const data::Placement placement = impl_->placement(image);
  Session& session = impl_->session(placement.network);
  Tensor planes = Tensor::zeros({DType::f32, {1, 3, placement.network.height, placement.network.width}, {}});
  placement.place(image, impl_->preprocess, false, {planes.as<float>(), planes.data.size() / sizeof(float)},
                  impl_->model.spec().data.half_precision);
  return impl_->collect(session.run({{"image", std::move(planes)}}), &placement);
}

std::vector<Prediction> Predictor::predict(const Tensor& images) {
  const Shape& shape = images.type.shape;
  if (shape.rank() != 4 || images.type.dtype != DType::f32)
    throw GraphError("expected images f32[N, C, H, W], got " + to_string(images.type));
  if (static_cast<std::int64_t>(images.data.size()) != bytes_of(images.type))
    throw GraphError("images " + to_string(images.type) + " hold another number of bytes");
  std::vector<Prediction> out;
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    Session& session = impl_->session({shape[2], shape[3]});
    out.push_back(impl_->collect(session.run({{"image", slice(images, n)}}), nullptr));
  }
  return out;
}

const std::vector<std::string>& Predictor::heads() const { return impl_->heads; }
const WeightsReport& Predictor::report() const { return impl_->report; }
const Program& Predictor::program() const { return impl_->program; }

}  // namespace fcngraph
