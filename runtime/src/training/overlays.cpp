// SPDX-License-Identifier: Apache-2.0
#include "training/overlays.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/error.h>

#include "data/placement.h"
#include "training/evaluation.h"

namespace fcngraph::training {
namespace {

/// An image as the network's input shows it, before preprocessing.
Image at_network_size(const Image& image, const data::Placement& placement) {
  Image out = make_image(placement.network.height, placement.network.width);
  const auto plane = static_cast<std::size_t>(out.height * out.width);
  std::vector<float> planes(3 * plane);
  placement.place(image, data::Preprocess::none, false, planes);
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      out.pixels[i * 3 + c] = static_cast<std::uint8_t>(std::lround(std::clamp(planes[c * plane + i], 0.0F, 255.0F)));
    }
  }
  return out;
}

LabelMap map_of(const std::uint8_t* labels, std::int64_t height, std::int64_t width) {
  LabelMap map = make_labels(height, width);
  std::copy_n(labels, height * width, map.labels.begin());
  return map;
}

}  // namespace

void write_overlays(const Model& model, const Dataset& dataset, RunningProgram& running,
                    const std::filesystem::path& folder) {
  const Program& program = running.program;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw IoError(folder.string(), "cannot be made: " + error.message());
  auto options = loader_options(model, running, Split::val);
  options.limit = kOverlaySamples;
  data::BatchLoader loader(dataset, options);
  const auto plane = program.height() * program.width();
  const auto& palette = dataset.palette();
  for (std::int64_t b = 0; b < loader.batches_per_epoch(); ++b) {
    const auto& batch = loader.next();
    running.fill(batch);
    running.session.step(running.inputs.tensors());
    for (const auto& head : head_names(model)) {
      const Tensor predictions = running.session.read(head + ".labels");
      for (std::int64_t i = 0; i < batch.valid; ++i) {
        const auto index = batch.samples[static_cast<std::size_t>(i)];
        const Sample sample = dataset.load(Split::val, index);
        const auto placement =
            data::place(options.resize, {sample.image.height, sample.image.width}, {program.height(), program.width()});
        const Image image = at_network_size(sample.image, placement);
        const auto truth = map_of(batch.labels.data() + i * plane, program.height(), program.width());
        const auto prediction = map_of(predictions.as<std::uint8_t>() + i * plane, program.height(), program.width());
        const std::array<Panel, 3> panels = {Panel{"image", image}, Panel{"truth", overlay(image, truth, palette)},
                                             Panel{head, overlay(image, prediction, palette)}};
        const auto name = fmt::format("{}-{}.png", head, dataset.sample_name(Split::val, index));
        save_image((folder / name).string(), side_by_side(panels, palette, model.classes()));
      }
    }
  }
}

}  // namespace fcngraph::training
