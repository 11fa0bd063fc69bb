// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/predictor.h>

#include <doctest/doctest.h>

#include <cstdlib>

#include <fcngraph/dataset.h>
#include <fcngraph/engine/error.h>

#include "temporary_folder.h"

namespace fcngraph {
namespace {

Model tiny() {
  const char* root = std::getenv("FCNGRAPH_SOURCE_DIR");
  return Model::load(std::filesystem::path(root != nullptr ? root : ".") / "graphs/tiny/fcn8s.toml");
}

Image gradient_image(std::int64_t height, std::int64_t width) {
  Image image = make_image(height, width);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i * 7 + i / 97);
  return image;
}

TEST_CASE("answers have the size of the image, resized or native") {
  PredictorOptions options;
  options.probabilities = true;
  options.compile.heads = {"all"};
  options.compile.fetch = {"fc7"};
  for (const bool native : {false, true}) {
    options.native = native;
    Predictor predictor(tiny(), {}, options);
    CHECK_EQ(predictor.heads().size(), 3);
    for (const auto& [height, width] : {std::pair{1, 1}, std::pair{31, 33}, std::pair{64, 64}, std::pair{100, 40}}) {
      const Prediction prediction = predictor.predict(gradient_image(height, width));
      REQUIRE_EQ(prediction.labels.size(), 3);
      const LabelMap& labels = prediction.labels.at("fcn8s");
      CHECK_EQ(labels.height, height);
      CHECK_EQ(labels.width, width);
      CHECK_EQ(prediction.logits.at("fcn8s").type.shape, Shape{1, 4, height, width});
      const Tensor& p = prediction.probabilities.at("fcn8s");
      const std::int64_t pixels = static_cast<std::int64_t>(height) * width;
      for (std::int64_t i = 0; i < pixels; ++i) {
        float sum = 0, best = 0;
        for (std::int64_t c = 0; c < 4; ++c) {
          sum += p.as<float>()[c * pixels + i];
          best = std::max(best, p.as<float>()[c * pixels + i]);
        }
        REQUIRE_EQ(sum, doctest::Approx(1.0f).epsilon(1e-5));
        REQUIRE_EQ(p.as<float>()[labels.labels[static_cast<std::size_t>(i)] * pixels + i],
                   doctest::Approx(best).epsilon(1e-6));
      }
      CHECK_EQ(prediction.fetched.at("fc7").type.shape[0], 1);
    }
  }
}

TEST_CASE("an image of the model's size gives what the program gives, however many sizes came before") {
  const Model model = tiny();
  PredictorOptions options;
  options.native = true;
  Predictor predictor(model, {}, options);
  CHECK_EQ(predictor.heads(), std::vector<std::string>{"fcn8s"});
  for (int size = 20; size < 32; ++size) predictor.predict(gradient_image(size, size));
  Session session = model.compile().open();
  const Image image = gradient_image(64, 64);
  CHECK_EQ(predictor.predict(image).logits.at("fcn8s").data, session.run({{"image", image}})["fcn8s"].data);
}

TEST_CASE(
    "a photograph that was decoded at a fraction of its size is answered at its size, and nearly as if it were whole") {
  const TemporaryFolder folder;
  synthesize_dataset("pets", folder / "pets", {.train = 1, .val = 0, .height = 300, .width = 410});
  const auto path = folder / "pets/images/Synthetic_1.jpg";
  const char* root = std::getenv("FCNGRAPH_SOURCE_DIR");
  const auto file = std::filesystem::path(root != nullptr ? root : ".") / "graphs/tiny/fcn8s.toml";
  Predictor whole(Model::load(file), {});
  Predictor scaled(Model::load(file, {.set = {"data.resize.decode=scaled"}}), {});
  CHECK_EQ(whole.load(path).reduction, 1);
  const Image image = scaled.load(path);
  CHECK_EQ(image.reduction, 2);
  const Prediction a = whole.predict(whole.load(path)), b = scaled.predict(image);
  CHECK_EQ(b.labels.at("fcn8s").width, 410);
  REQUIRE_EQ(b.logits.at("fcn8s").type.shape, Shape{1, 4, 300, 410});
  double squares = 0, differences = 0;
  for (std::size_t i = 0; i < 4 * 300 * 410; ++i) {
    const double x = a.logits.at("fcn8s").as<float>()[i], y = b.logits.at("fcn8s").as<float>()[i];
    squares += x * x;
    differences += (x - y) * (x - y);
  }
  CHECK_GT(differences, 0);
  CHECK_LT(differences, 0.1 * squares);
  CHECK_THROWS_AS(Model::load(file).compile().open().run({{"image", image}}), GraphError);
}

TEST_CASE("images in batches give what they give one by one, whatever their sizes, and labels need no logits") {
  PredictorOptions options;
  options.compile.heads = {"all"};
  Predictor single(tiny(), {}, options);
  options.compile.batch = 3;
  Predictor together(tiny(), {}, options);
  options.native = true;
  Predictor native_together(tiny(), {}, options);
  options.compile.batch = 1;
  Predictor native_single(tiny(), {}, options);
  options.native = false;
  options.logits = false;
  options.compile.batch = 3;
  Predictor labels_alone(tiny(), {}, options);
  std::vector<Image> images;
  for (const auto& [height, width] : {std::pair{64, 64}, std::pair{31, 33}, std::pair{64, 64}, std::pair{200, 40},
                                      std::pair{1, 7}, std::pair{31, 33}, std::pair{64, 64}})
    images.push_back(gradient_image(height, width));
  const auto all = together.predict(images), native = native_together.predict(images),
             labels = labels_alone.predict(images);
  REQUIRE_EQ(all.size(), images.size());
  REQUIRE_EQ(native.size(), images.size());
  REQUIRE_EQ(labels.size(), images.size());
  const auto close = [](const Tensor& a, const Tensor& b) {
    REQUIRE_EQ(a.type.shape, b.type.shape);
    for (std::int64_t i = 0; i < a.type.shape.elements(); ++i)
      REQUIRE_EQ(a.as<float>()[i], doctest::Approx(b.as<float>()[i]).epsilon(1e-4));
  };
  for (std::size_t i = 0; i < images.size(); ++i) {
    const Prediction one = single.predict(images[i]);
    for (const auto& [head, logits] : one.logits) close(all[i].logits.at(head), logits);
    for (const auto& [head, logits] : native_single.predict(images[i]).logits) close(native[i].logits.at(head), logits);
    CHECK(labels[i].logits.empty());
    for (const auto& [head, map] : one.labels) {
      CHECK_EQ(labels[i].labels.at(head).height, images[i].height);
      CHECK_EQ(labels[i].labels.at(head).labels, argmax(all[i].logits.at(head)).labels);
    }
  }
}

TEST_CASE("tensors are neither resized nor preprocessed") {
  const Model model = tiny();
  Predictor predictor(model, {}, {});
  Tensor images = Tensor::zeros({DType::f32, {2, 3, 32, 48}, {}});
  for (std::int64_t i = 0; i < 2 * 3 * 32 * 48; ++i) images.as<float>()[i] = static_cast<float>(i % 97) - 48.0f;
  const auto predictions = predictor.predict(images);
  REQUIRE_EQ(predictions.size(), 2);
  Session session = model.compile({.batch = 1, .height = 32, .width = 48}).open();
  Tensor second = Tensor::zeros({DType::f32, {1, 3, 32, 48}, {}});
  std::copy_n(images.as<float>() + 3 * 32 * 48, 3 * 32 * 48, second.as<float>());
  CHECK_EQ(predictions[1].logits.at("fcn8s").data, session.run({{"image", second}})["fcn8s"].data);
  CHECK_THROWS_AS((void)predictor.predict(Tensor::zeros({DType::f32, {3, 32, 48}, {}})), GraphError);
}

}  // namespace
}  // namespace fcngraph
