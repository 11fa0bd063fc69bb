// SPDX-License-Identifier: Apache-2.0
#include "session_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <fcngraph/engine/error.h>

#include "data/placement.h"

namespace fcngraph {
namespace {

/// Every name that a mode may read: a program that needs fewer passes over the others.
constexpr std::array<std::string_view, 8> kKnown{"image", "labels",     "sample_keys",    "lr",
                                                 "step",  "normalizer", "keep_gradients", "loss_scale"};

std::string size_text(std::int64_t channels, std::int64_t height, std::int64_t width) {
  return fmt::format("{}x{}x{}", channels, height, width);
}

[[noreturn]] void refuse_image(const InputRules& rules, std::int64_t channels, std::int64_t height,
                               std::int64_t width) {
  throw GraphError(fmt::format(
      "image is {}, this program was compiled for {}: compile another one with .height and .width, or use Predictor",
      size_text(channels, height, width), size_text(rules.channels, rules.height, rules.width)));
}

void check_shape(const std::string& name, const TensorType& given, const TensorType& wanted, const InputRules& rules) {
  if (given.shape == wanted.shape) return;
  const Shape& shape = given.shape;
  const bool image = name == "image" && shape.rank() == 4 && wanted.shape.rank() == 4;
  if (image && Shape{shape[1], shape[2], shape[3]} != Shape{wanted.shape[1], wanted.shape[2], wanted.shape[3]}) {
    refuse_image(rules, shape[1], shape[2], shape[3]);
  }
  if (shape.rank() == wanted.shape.rank() && shape.rank() > 0 && shape[0] != wanted.shape[0]) {
    throw GraphError(
        fmt::format("'{}' is {}, this program was compiled for a batch of {}: compile another one with .batch", name,
                    to_string(given), wanted.shape[0]));
  }
  throw GraphError(fmt::format("'{}' is {}, this program was compiled for {}: compile another one for that size", name,
                               to_string(given), to_string(wanted)));
}

void check_labels(const Tensor& labels, std::int64_t classes) {
  const auto* values = labels.as<std::uint8_t>();
  const std::int64_t count = labels.type.shape.elements();
  int bad = 0;
  for (std::int64_t i = 0; i < count; ++i)
    bad |= static_cast<int>(values[i] >= classes) & static_cast<int>(values[i] != kIgnore);
  if (bad == 0) return;
  for (std::int64_t i = 0; i < count; ++i) {
    if (values[i] < classes || values[i] == kIgnore) continue;
    const std::int64_t width = std::max<std::int64_t>(1, labels.type.shape[2]),
                       height = std::max<std::int64_t>(1, labels.type.shape[1]);
    throw GraphError(
        fmt::format("'labels' holds {} at image {}, row {}, column {}, expected a class below {} or {} (ignored)",
                    values[i], i / (width * height), i / width % height, i % width, classes, kIgnore));
  }
}

Tensor widened(const Tensor& tensor) {
  Tensor out = Tensor::zeros({DType::f64, tensor.type.shape, {}});
  std::copy_n(tensor.as<float>(), tensor.type.shape.elements(), out.as<double>());
  return out;
}

bool is_pixels(const TensorType& type) {
  return type.dtype == DType::u8 && type.shape.rank() == 4 && type.shape[3] == 3 && type.layout.is_plain();
}

void check_pixels(const Tensor& pixels, const TensorType& wanted, const InputRules& rules) {
  const Shape& shape = pixels.type.shape;
  check_shape("image", {DType::u8, {shape[0], 3, shape[1], shape[2]}, {}}, wanted, rules);
  if (static_cast<std::int64_t>(pixels.data.size()) != bytes_of(pixels.type))
    throw GraphError(fmt::format("'image' is {}, but holds {} bytes", to_string(pixels.type), pixels.data.size()));
}

/// False where the host has to preprocess them.
bool bind_on_device(Session::Impl& session, std::size_t input, const Tensor& pixels) {
  if (session.store->on_host()) return false;
  if (!session.pixels) {
    const Program::Impl& program = session.program.impl();
    session.pixels = PixelInput::make(session.executor, program.policy, input,
                                      data::normalization_of(program.inputs.preprocess), pixels.type);
  }
  if (*session.pixels == nullptr) return false;
  (*session.pixels)->bind(pixels.data);
  return true;
}

Tensor planes_of(const Tensor& pixels, data::Preprocess preprocess) {
  const Shape& shape = pixels.type.shape;
  const std::int64_t height = shape[1], width = shape[2], plane = height * width;
  Tensor planes = Tensor::zeros({DType::f32, {shape[0], 3, height, width}, {}});
  std::vector<float> row(static_cast<std::size_t>(3 * width));
  const auto* from = pixels.as<std::uint8_t>();
  for (std::int64_t n = 0; n < shape[0]; ++n) {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        for (std::int64_t c = 0; c < 3; ++c) row[static_cast<std::size_t>(c * width + x)] = *from++;
      }
      data::preprocess_row(preprocess, row.data(), width, planes.as<float>() + n * 3 * plane + y * width, plane);
    }
  }
  return planes;
}

void refuse_unknown(const Plan& plan, const std::map<std::string, Tensor>& inputs) {
  for (const auto& entry : inputs) {
    const std::string& name = entry.first;
    const bool read =
        std::any_of(plan.inputs.begin(), plan.inputs.end(), [&](const auto& input) { return input.first == name; });
    if (read || std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end()) continue;
    std::vector<std::string> names;
    for (const auto& input : plan.inputs) names.push_back(input.first);
    const std::string hint = did_you_mean(name, names);
    throw GraphError(fmt::format("this program has no input '{}', it reads {}{}", name, join(names),
                                 hint.empty() ? "" : "; " + hint));
  }
}

}  // namespace

Tensor preprocessed(const Image& image, const InputRules& rules) {
  if (image.channels != 3) throw GraphError(fmt::format("image has {} channels, expected RGB", image.channels));
  if (image.reduction != 1)
    throw GraphError("image was reduced when it was decoded, expected it whole, or a Predictor");
  if (image.height != rules.height || image.width != rules.width || rules.channels != 3) {
    refuse_image(rules, image.channels, image.height, image.width);
  }
  const data::Size size{image.height, image.width};
  Tensor planes = Tensor::zeros({DType::f32, {1, 3, image.height, image.width}, {}});
  data::place(dsl::ResizeMode::native, size, size)
      .place(image, rules.preprocess, false,
             {planes.as<float>(), static_cast<std::size_t>(planes.type.shape.elements())});
  return planes;
}

Tensor image_input(const Image& image, const Session::Impl& session) {
  const InputRules& rules = session.program.impl().inputs;
  const bool fits = image.channels == 3 && image.height == rules.height && image.width == rules.width;
  if (session.store->on_host() || !fits || rules.channels != 3) return preprocessed(image, rules);
  Tensor pixels{{DType::u8, {1, image.height, image.width, 3}, {}}, {}};
  const auto bytes = std::as_bytes(std::span(image.pixels));
  pixels.data.assign(bytes.begin(), bytes.end());
  return pixels;
}

void bind_inputs(Session::Impl& session, const std::map<std::string, Tensor>& inputs, std::vector<Tensor>& kept,
                 For run) {
  Executor& executor = session.executor;
  const InputRules& rules = session.program.impl().inputs;
  const Plan& plan = executor.plan();
  refuse_unknown(plan, inputs);
  kept.clear();
  kept.reserve(2 * plan.inputs.size());
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    if (executor.has_next(i) || (run == For::next && !executor.takes_turns(i))) continue;
    const auto& [name, slot] = plan.inputs[i];
    const auto found = inputs.find(name);
    if (found == inputs.end()) {
      std::vector<std::string> names;
      for (const auto& input : plan.inputs) names.push_back(input.first);
      throw GraphError(fmt::format("input '{}' is not given; this program reads {}", name, join(names)));
    }
    const Tensor* tensor = &found->second;
    const TensorType& wanted = plan.slots[slot].type;
    if (name == "image" && is_pixels(tensor->type) && rules.channels == 3) {
      check_pixels(*tensor, wanted, rules);
      if (run == For::now && bind_on_device(session, i, *tensor)) continue;
      tensor = &kept.emplace_back(planes_of(*tensor, rules.preprocess));
    }
    check_shape(name, tensor->type, wanted, rules);
    const bool as_wanted = tensor->type.layout == wanted.layout;
    if (static_cast<std::int64_t>(tensor->data.size()) != bytes_of(tensor->type)) {
      throw GraphError(
          fmt::format("'{}' is {}, but holds {} bytes", name, to_string(tensor->type), tensor->data.size()));
    }
    if (tensor->type.dtype == DType::f32 && wanted.dtype == DType::f64) tensor = &kept.emplace_back(widened(*tensor));
    if (tensor->type.dtype != wanted.dtype) {
      throw GraphError(fmt::format("'{}': expected {}, got {}", name, to_string(wanted), to_string(tensor->type)));
    }
    if (!as_wanted) {
      throw GraphError(fmt::format("'{}': expected {}, got {}", name, to_string(wanted), to_string(tensor->type)));
    }
    if (name == "labels" && wanted.dtype == DType::u8 && wanted.shape.rank() == 3) check_labels(*tensor, rules.classes);
    if (run == For::next) {
      executor.bind_next(i, tensor->data);
    } else {
      executor.bind(i, tensor->data);
    }
  }
}

}  // namespace fcngraph
