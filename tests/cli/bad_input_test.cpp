// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include <fcngraph/image.h>
#include <fcngraph/weights.h>

#include "program.h"

namespace fcngraph::testing {
namespace {

namespace fs = std::filesystem;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<std::string> tiny(const std::string& mode, const std::vector<std::string>& more) {
  std::vector<std::string> out = {"run", graph("tiny/fcn32s.toml"), "--mode", mode, "--backend", "reference"};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

/// Fails with the code, says the part, prints nothing, and never dies of it.
void expect(const Outcome& outcome, int code, const std::string& part) {
  CAPTURE(outcome.err);
  CHECK(outcome.code == code);
  CHECK(outcome.out.empty());
  CHECK(has(outcome.err, part));
}

TEST_CASE("images that are missing, empty, cut short or no images") {
  const Folder folder;
  save_image((folder.path / "good.png").string(), make_image(40, 40));
  fs::copy_file(folder.path / "good.png", folder.path / "cut.png");
  fs::resize_file(folder.path / "cut.png", 40);
  folder.write("empty.png", "");
  folder.write("text.jpg", "hello");
  for (const char* name : {"absent.png", "empty.png", "text.jpg", "cut.png"}) {
    CAPTURE(name);
    expect(folder.run(tiny("infer", {"--weights", "random", "--input", name})), 1, name);
  }
  folder.write("bad.npy", "\x93NUMPY");
  expect(folder.run(tiny("infer", {"--weights", "random", "--input", "bad.npy"})), 1, "bad.npy");
  expect(folder.run(tiny("infer", {"--weights", "random", "--input", "-"})), 1, "stdin");
}

TEST_CASE("a mask of another size, and a mask value that is no class, name file and place") {
  const Folder folder;
  REQUIRE(folder.run({"data", "synth", "camvid", "set", "--train", "2", "--val", "1", "--size", "32x32"}).code == 0);
  const auto mask = fs::directory_iterator(folder.path / "set" / "trainannot")->path();
  const auto train = tiny("train", {"--data", "camvid:set", "--weights", "random", "--epochs", "1", "--out", "r"});
  save_labels(mask.string(), make_labels(8, 8));
  expect(folder.run(train), 1, mask.filename().string());
  fs::remove_all(folder.path / "r");
  save_labels(mask.string(), make_labels(32, 32, 77), default_palette(100));
  const auto outcome = folder.run(train);
  expect(outcome, 1, mask.filename().string());
  CHECK(has(outcome.err, "77"));
}

TEST_CASE("mistakes of the model file") {
  const Folder folder;
  const auto g = graph("tiny/fcn8s.toml");
  expect(folder.run({"run", "absent.toml", "--mode", "train"}), 2, "absent.toml");
  expect(folder.run({"run", g, "--mode", "train", "--set", "model.classes=[\"a\", \"b\"]"}), 2, "classes");
  expect(folder.run({"run", g, "--mode", "train", "--set", "data.classes=0"}), 2, "classes");
  expect(folder.run({"run", g, "--mode", "train", "--set", "train.epoch=1"}), 2, "did you mean 'epochs'?");
  expect(folder.run({"run", g, "--mode", "train", "--set", "train.epochs=\"many\""}), 2, "epochs");
  expect(folder.run({"run", g, "--mode", "train", "--set", "head.fcn16s.from=\"block4_pol\""}), 2,
         "did you mean 'block4_pool'?");
  expect(folder.run({"run", g, "--mode", "train", "--set", "head.fcn8s.upsample=16"}), 2, "fcn8s");
  expect(folder.run({"run", g, "--mode", "train", "--set", "model.input.height=0"}), 2, "height");
}

TEST_CASE("input sizes from 1 up work, and one that is too large says how much memory it would need") {
  const Folder folder;
  for (const char* size : {"1x1", "31x31", "32x32", "33x33", "33x31"}) {
    CAPTURE(size);
    const auto outcome = folder.run(tiny("bench", {"--iterations", "1", "--size", size}));
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
  }
  const auto huge = folder.run({"run", graph("fcn8s.toml"), "--mode", "bench", "--iterations", "1", "--size",
                                "20000x20000", "--backend", "reference"});
  CAPTURE(huge.err);
  CHECK((huge.code == 1 || huge.code == 2 || huge.code == 3));
  CHECK(has(huge.err, "iB"));
}

TEST_CASE("weights that do not fit, hold a NaN, are cut short or lie about their length") {
  const Folder folder;
  REQUIRE(folder.run(tiny("train", {"--epochs", "0", "--out", "r"})).code == 0);
  const auto path = folder.path / "r" / "checkpoints" / "last.safetensors";
  const auto eval = [&](const std::string& weights) { return folder.run(tiny("eval", {"--weights", weights})); };
  const auto weights = Weights::load(path);

  auto wrong = weights;
  wrong.set("fcn32s.bias", Tensor::zeros({DType::f32, {3}, {}}));
  wrong.save(folder.path / "wrong.safetensors");
  const auto outcome = eval("wrong.safetensors");
  expect(outcome, 2, "fcn32s.bias");
  CHECK(has(outcome.err, "[3]"));
  CHECK(has(outcome.err, "[4]"));

  auto poisoned = weights;
  auto bias = weights.get("fcn32s.bias");
  bias.as<float>()[1] = std::nanf("");
  poisoned.set("fcn32s.bias", bias);
  poisoned.save(folder.path / "nan.safetensors");
  expect(eval("nan.safetensors"), 1, "fcn32s.bias");

  fs::copy_file(path, folder.path / "cut.safetensors");
  fs::resize_file(folder.path / "cut.safetensors", fs::file_size(path) - 7);
  expect(eval("cut.safetensors"), 1, "cut.safetensors");
  folder.write("lies.safetensors", std::string("\xff\xff\xff\xff\xff\xff\xff\x7f", 8) + "{}");
  expect(eval("lies.safetensors"), 1, "lies.safetensors");
  expect(eval("absent.safetensors"), 1, "absent.safetensors");
}

TEST_CASE("a backend that is not there is exit 3 with the reason") {
  const Folder folder;
  expect(folder.run({"run", graph("tiny/fcn8s.toml"), "--mode", "bench", "--backend", "cudnn"}), 3, "cudnn");
}

TEST_CASE("a folder that cannot be written to is a clear error") {
  const Folder folder;
  folder.write("file", "x");
  expect(folder.run(tiny("train", {"--epochs", "1", "--out", "file/run"})), 1, "file/run");
  REQUIRE(folder.run(tiny("train", {"--epochs", "0", "--out", "r"})).code == 0);
  save_image((folder.path / "a.png").string(), make_image(20, 20));
  expect(folder.run(tiny("infer", {"--weights", "r", "--input", "a.png", "--out", "file/p"})), 1, "file/p");
  expect(folder.run(tiny("infer", {"--weights", "r", "--input", "r"})), 2, "has no .png");
}

TEST_CASE("a frozen part without weights is refused on real data, naming the flags") {
  const Folder folder;
  REQUIRE(folder.run({"data", "synth", "camvid", "set", "--train", "2", "--val", "1", "--size", "32x32"}).code == 0);
  const auto outcome = folder.run(tiny("train", {"--data", "camvid:set", "--epochs", "1", "--out", "r"}));
  expect(outcome, 2, "--weights FILE");
  CHECK(has(outcome.err, "--weights random"));
  CHECK(has(outcome.err, "--set model.trainable=all"));
}

}  // namespace
}  // namespace fcngraph::testing
