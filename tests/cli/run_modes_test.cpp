// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <csignal>
#include <fstream>

#include <fcngraph/dataset.h>
#include <fcngraph/image.h>
#include <fcngraph/tensor.h>
#include <fcngraph/weights.h>
#include <nlohmann/json.hpp>

#include "program.h"

namespace fcngraph::testing {
namespace {

using Json = nlohmann::json;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<std::string> words(const std::string& mode, const std::vector<std::string>& more) {
  std::vector<std::string> out = {
      "run", graph("tiny/fcn8s.toml"), "--mode", mode, "--backend", "reference", "--threads", "1"};
  if (mode != "infer" && mode != "bench")
    out.insert(out.end(), {"--set", "data.images=6", "--set", "data.val_images=2"});
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST_CASE("train, eval, infer and bench, one after the other") {
  const Folder folder;
  const auto train = folder.run(words("train", {"--epochs", "2", "--out", "r"}));
  CAPTURE(train.err);
  REQUIRE(train.code == 0);
  CHECK(has(train.out, "fcn32s"));
  CHECK(has(train.out, "(colour alone)"));
  CHECK(has(train.out, "run: r"));
  CHECK(has(train.err, "warning: the frozen part"));
  CHECK(has(train.err, "epoch 2/2"));
  CHECK_FALSE(has(train.err, "\x1b"));

  const auto eval = folder.run(words("eval", {"--weights", "r", "--json"}));
  REQUIRE(eval.code == 0);
  const auto head = Json::parse(eval.out)["heads"]["fcn8s"];
  for (const char* key : {"pixel_accuracy", "mean_accuracy", "mean_iou", "fw_iou", "classes", "confusion"})
    CHECK(head.contains(key));
  for (const char* key : {"name", "iou", "dice"}) CHECK(head["classes"][0].contains(key));
  CHECK(head["confusion"].size() == 4);

  save_image((folder.path / "photo.png").string(), make_image(50, 70));
  const auto infer =
      folder.run(words("infer", {"--weights", "r", "--input", "photo.png", "--save", "labels,overlay,probabilities,npy",
                                 "--fetch", "block3_pool", "--out", "p"}));
  CAPTURE(infer.err);
  REQUIRE(infer.code == 0);
  const auto labels = load_label_map((folder.path / "p" / "photo.labels.png").string());
  CHECK(labels.height == 50);
  CHECK(labels.width == 70);
  const auto probabilities = load_npy((folder.path / "p" / "photo.probabilities.npy").string());
  CHECK(probabilities.type.shape == Shape{1, 50, 70, 4});
  const auto fetched = load_npy((folder.path / "p" / "block3_pool.npy").string());
  CHECK(fetched.type.shape[3] == 8);
  CHECK(std::filesystem::exists(folder.path / "p" / "photo.overlay.png"));

  const auto bench = folder.run(words("bench", {"--weights", "random", "--iterations", "3", "--versus",
                                                "dense_conv.fc6.filters=16", "--profile", "--json"}));
  REQUIRE(bench.code == 0);
  const auto report = Json::parse(bench.out);
  for (const char* key :
       {"batch", "median_s", "min_s", "images_per_s", "peak_bytes", "backend", "precision", "kernels"})
    CHECK(report.contains(key));
  CHECK(report["versus"].contains("ratio_median"));
  CHECK(report["versus"].contains("median_s"));
  CHECK(report["profile"].size() == report["kernels"].size());
  CHECK(report["profile"][0].contains("operations"));
  CHECK(report["peak_flops"] == 0);  // of a backend of plain loops
}

TEST_CASE("infer takes a folder in batches, answers in order, and leaves out what cannot be read") {
  const Folder folder;
  std::filesystem::create_directories(folder.path / "in");
  for (const auto& [name, height, width] : {std::tuple{"a.png", 40, 60}, std::tuple{"b.png", 64, 64},
                                            std::tuple{"d.png", 9, 7}, std::tuple{"e.png", 64, 64}})
    save_image((folder.path / "in" / name).string(), make_image(height, width));
  std::ofstream(folder.path / "in" / "c.jpg") << "no image";
  const auto infer =
      folder.run(words("infer", {"--weights", "random", "--input", "in", "--out", "p", "--batch", "2", "--json"}));
  CAPTURE(infer.err);
  CHECK(infer.code == 1);
  const auto report = Json::parse(infer.out);
  REQUIRE(report["images"].size() == 4);
  const char* names[] = {"in/a.png", "in/b.png", "in/d.png", "in/e.png"};
  for (std::size_t i = 0; i < 4; ++i) CHECK(report["images"][i]["input"] == names[i]);
  REQUIRE(report["failed"].size() == 1);
  CHECK(report["failed"][0]["input"] == "in/c.jpg");
  CHECK(load_label_map((folder.path / "p" / "d.labels.png").string()).width == 7);
}

TEST_CASE("infer answers at the size of the file, at whatever fraction of it a photograph is decoded") {
  const Folder folder;
  synthesize_dataset("pets", (folder.path / "pets").string(), {.train = 1, .val = 0, .height = 403, .width = 530});
  for (const std::string decode : {"full", "scaled"}) {
    CAPTURE(decode);
    const auto infer =
        folder.run(words("infer", {"--weights", "random", "--input", "pets/images/Synthetic_1.jpg", "--save",
                                   "labels,overlay,npy", "--set", "data.resize.decode=" + decode, "--out", decode}));
    CAPTURE(infer.err);
    REQUIRE(infer.code == 0);
    CHECK(load_npy((folder.path / decode / "Synthetic_1.logits.npy").string()).type.shape == Shape{1, 403, 530, 4});
    const auto labels = load_label_map((folder.path / decode / "Synthetic_1.labels.png").string());
    CHECK(labels.height == 403);
    CHECK(labels.width == 530);
    // The overlay is drawn on the photograph as it is.
    CHECK(load_image((folder.path / decode / "Synthetic_1.overlay.png").string()).width >= 530);
  }
}

TEST_CASE("train --json is an array of rows, and nothing else on stdout") {
  const Folder folder;
  const auto train = folder.run(words("train", {"--epochs", "2", "--out", "r", "--json"}));
  REQUIRE(train.code == 0);
  const auto rows = Json::parse(train.out);
  REQUIRE(rows.size() == 2);
  CHECK(rows[1]["epoch"] == 2);
  CHECK(rows[0]["heads"]["fcn8s"].contains("val_mean_iou"));
  std::ifstream history(folder.path / "r" / "history.jsonl");
  std::string line;
  std::getline(history, line);
  CHECK(Json::parse(line) == rows[0]);
}

TEST_CASE("metric modes are said with the scores, kept by the run, and two runs are compared") {
  const Folder folder;
  const auto course = folder.run(words("train", {"--epochs", "1", "--out", "a", "--metrics", "course"}));
  REQUIRE(course.code == 0);
  CHECK(has(course.out, "course metrics"));
  REQUIRE(folder.run(words("train", {"--epochs", "1", "--out", "b"})).code == 0);
  const auto eval = folder.run(words("eval", {"--weights", "a", "--metrics", "course", "--json"}));
  REQUIRE(eval.code == 0);
  CHECK(Json::parse(eval.out)["metrics"] == "course");
  const auto compared = folder.run({"compare", "a", "b", "--json"});
  CAPTURE(compared.err);
  REQUIRE(compared.code == 0);
  CHECK(Json::parse(compared.out)["heads"].size() == 3);
  CHECK(has(folder.run({"compare", "a", "b"}).out, "predictions"));
  CHECK(folder.run({"compare", "a"}).code == 2);
  CHECK(folder.run({"compare", "a", "absent"}).code == 1);
  CHECK(folder.run({"run", "--mode", "train", "--resume", "a", "--metrics", "keras"}).code == 2);
}

TEST_CASE("steps that were skipped are said of each epoch and of the run") {
  const Folder folder;
  const auto run = folder.run(words("train", {"--epochs", "5", "--set", "train.loss_scale=dynamic", "--set",
                                              "head.fcn8s.loss_weight=1e35", "--out", "r"}));
  CAPTURE(run.err);
  REQUIRE(run.code == 0);
  CHECK(has(run.err,
            "warning: steps skipped in epoch 1, since their gradient is not finite: 2; the loss scale is 8192 now"));
  CHECK(has(run.err, "2 skipped  loss scale 8192"));
  CHECK(has(run.err, "steps skipped, since their gradient is not finite: "));
  CHECK(has(run.err, " of 5 epochs)"));
  CHECK(has(folder.run({"doctor", "r"}).out, "; loss scale halved: "));
}

TEST_CASE("the doctor warns, stops, and explains a run") {
  const Folder folder;
  const std::vector<std::string> bad = {"--set", "head.fcn8s.scale=1000", "--epochs", "15", "--out"};
  auto with = bad;
  with.insert(with.end(), {"warned"});
  const auto warned = folder.run(words("train", with));
  CHECK(warned.code == 0);
  CHECK(has(warned.err, "warning: doctor: the feature of head 'fcn8s'"));
  with.back() = "stopped";
  with.insert(with.end(), {"--set", "train.doctor=stop"});
  const auto stopped = folder.run(words("train", with));
  CHECK(stopped.code == 1);
  CHECK(has(stopped.err, "error: stopped by the doctor"));
  CHECK(has(stopped.err, "--resume stopped"));
  const auto text = folder.run({"doctor", "warned"});
  CHECK(text.code == 0);
  CHECK(has(text.out, "alarm (tap_ratio)"));
  CHECK(has(text.out, "mended by: head.fcn8s.scale"));
  CHECK(Json::parse(folder.run({"doctor", "warned", "--json"}).out)["findings"].size() >= 1);
  CHECK(folder.run({"doctor"}).code == 2);
  CHECK(folder.run({"doctor", "absent"}).code == 1);
}

TEST_CASE("runs are numbered where no folder is named") {
  const Folder folder;
  REQUIRE(folder.run(words("train", {"--epochs", "0"})).code == 0);
  REQUIRE(folder.run(words("train", {"--epochs", "0"})).code == 0);
  CHECK(std::filesystem::exists(folder.path / "runs" / "fcn8s_tiny-1" / "manifest.json"));
  CHECK(std::filesystem::exists(folder.path / "runs" / "fcn8s_tiny-2" / "manifest.json"));
}

TEST_CASE("Ctrl-C finishes the step, writes a checkpoint, exits 130, and the run goes on to the same bits") {
  const Folder folder;
  bool sent = false;
  const auto stopped =
      run_program(folder.path, words("train", {"--epochs", "6", "--out", "r"}), [&](const std::string& err) {
        if (sent || !has(err, "epoch 2/6")) return 0;
        sent = true;
        return SIGINT;
      });
  CAPTURE(stopped.err);
  REQUIRE(stopped.code == 130);
  CHECK(has(stopped.err, "--resume r"));
  const auto resumed = folder.run({"run", "--mode", "train", "--resume", "r"});
  CAPTURE(resumed.err);
  REQUIRE(resumed.code == 0);
  REQUIRE(folder.run(words("train", {"--epochs", "6", "--out", "whole"})).code == 0);
  const auto bytes = [&](const std::string& run) {
    const auto weights = Weights::load(folder.path / run / "checkpoints" / "last.safetensors");
    std::string all;
    for (const auto& name : weights.names()) {
      const auto part = weights.bytes(name);
      all.append(reinterpret_cast<const char*>(part.data()), part.size());
    }
    return all;
  };
  CHECK(bytes("r") == bytes("whole"));
}

TEST_CASE("one bad file among many is reported, the others are done, exit 1") {
  const Folder folder;
  std::filesystem::create_directories(folder.path / "in");
  save_image((folder.path / "in" / "a.png").string(), make_image(20, 20));
  folder.write("in/b.png", "no image");
  save_image((folder.path / "in" / "c.png").string(), make_image(33, 1));
  const auto outcome = folder.run(words("infer", {"--weights", "random", "--input", "in", "--out", "p", "--json"}));
  CAPTURE(outcome.err);
  CHECK(outcome.code == 1);
  const auto json = Json::parse(outcome.out);
  CHECK(json["images"].size() == 2);
  CHECK(json["failed"].size() == 1);
  CHECK(has(outcome.err, "b.png"));
  CHECK(has(outcome.err, "warning: no weights for head fcn8s"));
  CHECK(std::filesystem::exists(folder.path / "p" / "c.labels.png"));
}

}  // namespace
}  // namespace fcngraph::testing
