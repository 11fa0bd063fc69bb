// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fcngraph/model.h>
#include <fcngraph/session.h>

namespace fcngraph {

struct PredictorOptions {
  /// The mode is the predictor's own; height and width: as the model says where 0; batch: images that run together, 1 where 0.
  CompileOptions compile;
  bool native = false;         ///< runs images unscaled instead of resizing them as the data file says
  bool probabilities = false;  ///< also computes `Prediction::probabilities`
  bool logits = true;          ///< false: no `Prediction::logits`, which of a photograph may be hundreds of megabytes
  std::uint64_t seed = 0;      ///< of what the weights lack
};

/// What became of one image. Heads by name; everything at the size of the image that was given, or of its file where that was reduced.
struct Prediction {
  std::map<std::string, LabelMap> labels;
  std::map<std::string, Tensor> logits;  ///< f32 [1, C, H, W]; what the head gives, where those are probabilities
  std::map<std::string, Tensor> probabilities;  ///< softmax of the logits, the same shape
  std::map<std::string, Tensor> fetched;        ///< `compile.fetch`, at the size that the graph gives them
};

/// Applies a model to images of any size: resizes each as the data file says, runs the program of that size (made when it is first
/// needed, the eight used last are kept), and undoes the resize on the logits. Not thread-safe.
class FCNGRAPH_API Predictor {
 public:
  /// Compiles for the model's own input size. Throws as Model::compile and Program::open do.
  Predictor(const Model& model, const Weights& weights, const PredictorOptions& options = {});
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;
  ~Predictor();

  /// Reads an image as the data file says, which may be at a fraction of its size (`[data.resize] decode`); what is predicted for it has
  /// the size of the file. May be called while `predict` runs. Throws IoError as load_image does.
  Image load(const std::string& path, Image spare = {}) const;

  Prediction predict(const Image& image);
  /// The same for several, `compile.batch` at a time: one prediction an image, in their order.
  std::vector<Prediction> predict(std::span<const Image> images);
  /// Images that are preprocessed already, f32 [N, C, H, W]: neither resized nor preprocessed. One prediction an image.
  std::vector<Prediction> predict(const Tensor& images);

  /// How many images to give `predict` at once so that it is never idle: a batch, or several where a device takes the next one while
  /// one runs.
  std::int64_t at_a_time() const;
  const std::vector<std::string>& heads() const;
  const WeightsReport& report() const;
  /// The program for the model's own input size.
  const Program& program() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fcngraph
