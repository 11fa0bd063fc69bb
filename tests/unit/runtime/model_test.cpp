// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/model.h>

#include <doctest/doctest.h>

#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/session.h>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "temporary_folder.h"

namespace fcngraph {
namespace {

std::filesystem::path graphs() {
  const char* root = std::getenv("FCNGRAPH_SOURCE_DIR");
  return std::filesystem::path(root != nullptr ? root : ".") / "graphs";
}

Image gradient_image(std::int64_t height, std::int64_t width) {
  Image image = make_image(height, width);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i * 7 + i / 97);
  return image;
}

TEST_CASE("a model counts its parameters and knows its classes") {
  const auto count = [](const char* file) { return Model::load(graphs() / file).parameters(); };
  CHECK_EQ(count("fcn32s.toml").trainable, 16'388);
  CHECK_EQ(count("fcn16s.toml").trainable, 18'440);
  CHECK_EQ(count("fcn8s.toml").trainable, 19'468);
  CHECK_EQ(count("fcn8s.toml").frozen, 139'562'048);
  const Model model = Model::load(graphs() / "tiny/fcn8s.toml");
  CHECK_EQ(model.name(), "fcn8s_tiny");
  CHECK_EQ(model.classes().size(), 4);
  CHECK_EQ(model.heads().size(), 3);
  CHECK_EQ(model.heads().back().name, "fcn8s");
  CHECK_EQ(Model::parse(model.resolved(), graphs() / "tiny").parameters().trainable, model.parameters().trainable);
}

TEST_CASE("classes in the file must be those of the data") {
  LoadOptions options;
  options.set = {"model.classes=[\"a\", \"b\"]"};
  const std::string message = message_of<GraphError>([&] { (void)Model::load(graphs() / "tiny/fcn8s.toml", options); });
  CHECK(says(message, "[model] has 2 classes (a, b)"));
  const auto found = Model::check(graphs() / "tiny/fcn8s.toml", options);
  CHECK_EQ(std::count_if(found.begin(), found.end(), [](const Diagnostic& d) { return d.code == "E0210"; }), 1);
  CHECK(Model::check(graphs() / "tiny/fcn8s.toml").empty());
  CHECK_FALSE(Model::check(graphs() / "no_such_file.toml").empty());
}

TEST_CASE("a program runs images and tensors of its size, and says so when they have another") {
  const Model model = Model::load(graphs() / "tiny/fcn8s.toml");
  const Program program = model.compile();
  CHECK_EQ(program.outputs(), std::vector<std::string>{"fcn8s"});
  CHECK(says(program.summary(), "fcn8s_tiny"));
  CHECK(says(program.backend_reason(), "auto: "));
  Session session = program.open({}, 3);
  const Result result = session.run({{"image", gradient_image(64, 64)}});
  CHECK_EQ(result["fcn8s"].type.shape, Shape{1, 4, 64, 64});
  CHECK(says(message_of<GraphError>([&] { (void)result["fcn8"]; }), "did you mean 'fcn8s'?"));
  CHECK_EQ(session.read("fcn8s").data, result["fcn8s"].data);
  CHECK_GT(session.peak_bytes(), 0);

  CHECK_EQ(message_of<GraphError>([&] {
             (void)session.run({{"image", gradient_image(200, 300)}});
           }),
           "image is 3x200x300, this program was compiled for 3x64x64: compile another one with .height and .width, or "
           "use Predictor");
  const auto refusal = [&](const std::string& name, const TensorType& type) {
    return message_of<GraphError>([&] { (void)session.run({{name, Tensor::zeros(type)}}); });
  };
  CHECK(says(refusal("image", {DType::f32, {1, 3, 33, 64}, {}}),
             "image is 3x33x64, this program was compiled for 3x64x64"));
  CHECK(says(refusal("image", {DType::f32, {2, 3, 64, 64}, {}}), ".batch"));
  CHECK(says(refusal("image", {DType::u8, {1, 3, 64, 64}, {}}), "expected f32[1, 3, 64, 64]"));
  CHECK(says(refusal("image", {DType::f32, {3, 64, 64}, {}}), "compile"));
  CHECK(says(refusal("imgae", {DType::f32, {1, 3, 64, 64}, {}}), "did you mean 'image'?"));
  CHECK(says(refusal("labels", {DType::u8, {1, 64, 64}, {}}), "input 'image' is not given"));
}

TEST_CASE("labels are held to the classes") {
  const Program program = Model::load(graphs() / "tiny/fcn8s.toml").compile({.mode = Mode::eval, .batch = 1});
  Session session = program.open();
  Tensor labels = Tensor::zeros({DType::u8, {1, 64, 64}, {}});
  const Tensor image = Tensor::zeros({DType::f32, {1, 3, 64, 64}, {}});
  labels.as<std::uint8_t>()[0] = 255;
  CHECK(session.run({{"image", image}, {"labels", labels}}).contains("loss"));
  labels.as<std::uint8_t>()[64 * 2 + 5] = 4;
  CHECK(says(message_of<GraphError>([&] {
               (void)session.run({{"image", image}, {"labels", labels}});
             }),
             "holds 4 at image 0, row 2, column 5"));
}

TEST_CASE("heads, fetched values, backends and precisions are asked for by name") {
  const Model model = Model::load(graphs() / "tiny/fcn8s.toml");
  CHECK_EQ(model.compile({.heads = {"all"}}).outputs().size(), 3);
  CHECK_EQ(model.compile({.heads = {"fcn16s"}, .fetch = {"fc7"}}).outputs(), std::vector<std::string>{"fcn16s", "fc7"});
  CHECK(says(message_of<GraphError>([&] { (void)model.compile({.fetch = {"block3_pol"}}); }),
             "did you mean 'block3_pool'?"));
  CHECK(says(message_of<GraphError>([&] { (void)model.compile({.heads = {"fcn9s"}}); }), "fcn9s"));
  CHECK_THROWS_AS((void)model.compile({.backend = "cudn"}), BackendError);
  CHECK_THROWS_AS((void)model.compile({.precision = "f16"}), BackendError);
  CHECK_THROWS_AS((void)model.compile({.height = -1}), GraphError);
}

TEST_CASE("f64 on the reference backend agrees with f32") {
  const Model model = Model::load(graphs() / "tiny/fcn8s.toml");
  const Image image = gradient_image(32, 32);
  const CompileOptions options{.height = 32, .width = 32, .backend = "reference"};
  CompileOptions exact = options;
  exact.precision = "f64";
  const Result single = model.compile(options).open().run({{"image", image}});
  const Result twice = model.compile(exact).open().run({{"image", image}});
  REQUIRE_EQ(twice["fcn8s"].type.dtype, DType::f64);
  double error = 0, size = 0;
  for (std::int64_t i = 0; i < 4 * 32 * 32; ++i) {
    const double x = twice["fcn8s"].as<double>()[i], d = x - single["fcn8s"].as<float>()[i];
    error += d * d;
    size += x * x;
  }
  CHECK_GT(size, 0.0);
  CHECK_LT(error, 1e-10 * size);
}

TEST_CASE(
    "products of bf16 on the CPU come near f32, keep f32 outside, and are refused with a reason where there are none") {
  std::ifstream file(graphs() / "tiny/fcn8s.toml");
  std::string text(std::istreambuf_iterator<char>(file), {});
  const std::string narrow_fc7 = "kernel = 1\nfilters = 32";
  REQUIRE(says(text, narrow_fc7));
  text.replace(text.find(narrow_fc7), narrow_fc7.size(), "kernel = 1\nfilters = 256");  // enough to be worth it
  const Model model = Model::parse(text, graphs() / "tiny");
  CompileOptions options{.backend = "onednn", .precision = "bf16"};
  const auto backends = builtin_backends();
  const auto cpu = std::find_if(backends.begin(), backends.end(),
                                [](const Backend* backend) { return backend->name() == "onednn"; });
  if (cpu == backends.end()) return;
  if (!(*cpu)->multiplies_in(DType::bf16).available) {
    const std::string refusal = message_of<BackendError>([&] { (void)model.compile(options); });
    CHECK(says(refusal, "precision 'bf16' is not available here, expected f32: products of bf16 need"));
    return;
  }
  const Image image = gradient_image(64, 64);
  const Program narrow = model.compile(options);
  CHECK_EQ(narrow.plan().precision, DType::bf16);
  const Result got = narrow.open({}, 3).run({{"image", image}});
  const Result again = model.compile(options).open({}, 3).run({{"image", image}});
  options.precision = "f32";
  const Result want = model.compile(options).open({}, 3).run({{"image", image}});
  REQUIRE_EQ(got["fcn8s"].type, want["fcn8s"].type);
  CHECK_EQ(got["fcn8s"].data, again["fcn8s"].data);
  double error = 0, size = 0;
  for (std::int64_t i = 0; i < 4 * 64 * 64; ++i) {
    const double x = want["fcn8s"].as<float>()[i], d = x - got["fcn8s"].as<float>()[i];
    error += d * d;
    size += x * x;
  }
  CHECK_GT(error, 1e-8 * size);
  CHECK_LT(error, 1e-2 * size);
}

TEST_CASE("sessions share weights, and hand them on") {
  const Model model = Model::load(graphs() / "tiny/fcn8s.toml");
  Session first = model.compile().open({}, 5);
  Session wide = model.compile({.height = 96, .width = 64}).open(first);
  CHECK_EQ(wide.report().initialised, 0);
  Weights weights = first.weights();
  Tensor bias = weights.get("fcn32s.bias");
  for (int i = 0; i < 4; ++i) bias.as<float>()[i] = static_cast<float>(10 * i);
  weights.set("fcn32s.bias", bias);
  wide.set_weights(weights);
  CHECK_EQ(first.weights().get("fcn32s.bias").data, bias.data);
  Session again = model.compile().open(weights);
  const Image image = gradient_image(64, 64);
  CHECK_EQ(again.run({{"image", image}})["fcn8s"].data, first.run({{"image", image}})["fcn8s"].data);
}

TEST_CASE("two sessions in two threads give what they give one after the other") {
  const Program program = Model::load(graphs() / "tiny/fcn8s.toml").compile();
  const auto work = [&](std::uint64_t seed) {
    Session session = program.open({}, seed);
    Tensor last;
    for (int i = 0; i < 4; ++i) last = session.run({{"image", gradient_image(64, 64)}})["fcn8s"];
    return last.data;
  };
  const auto first = work(1), second = work(2);
  CHECK_NE(first, second);
  std::vector<std::byte> a, b;
  std::thread one([&] { a = work(1); });
  std::thread two([&] { b = work(2); });
  one.join();
  two.join();
  CHECK_EQ(a, first);
  CHECK_EQ(b, second);
}

TEST_CASE("a training step moves what trains and nothing else") {
  const Program program =
      Model::load(graphs() / "tiny/fcn8s.toml").compile({.mode = Mode::train, .batch = 2, .height = 32, .width = 32});
  Session session = program.open();
  const Weights before = session.weights();
  std::map<std::string, Tensor> inputs;
  inputs["image"] = Tensor::zeros({DType::f32, {2, 3, 32, 32}, {}});
  for (int i = 0; i < 2 * 3 * 32 * 32; ++i) inputs["image"].as<float>()[i] = static_cast<float>(i % 101) - 50.0f;
  inputs["labels"] = Tensor::zeros({DType::u8, {2, 32, 32}, {}});
  inputs["sample_keys"] = Tensor::zeros({DType::i64, {2}, {}});
  inputs["lr"] = Tensor::zeros({DType::f32, {}, {}});
  inputs["lr"].as<float>()[0] = 0.01f;
  inputs["step"] = Tensor::zeros({DType::i64, {}, {}});
  inputs["step"].as<std::int64_t>()[0] = 1;
  session.step(inputs);
  const float first = session.read("loss").as<float>()[0];
  for (std::int64_t i = 2; i <= 5; ++i) {
    inputs["step"].as<std::int64_t>()[0] = i;
    session.step(inputs);
  }
  CHECK_LT(session.read("loss").as<float>()[0], first);
  const Weights after = session.weights();
  CHECK_NE(after.get("fcn32s.bias").data, before.get("fcn32s.bias").data);
  CHECK_EQ(after.get("fc7.weight").data, before.get("fc7.weight").data);
  CHECK_GT(session.profile(inputs).size(), 10);
}

}  // namespace
}  // namespace fcngraph
