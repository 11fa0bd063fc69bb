// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/import.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <thread>

#include <fcngraph/engine/error.h>

#include "import/import_file.h"
#include "import_files.h"
#include "md5.h"
#include "safetensors.h"
#include "temporary_folder.h"

namespace fcngraph {
namespace {

const WeightsReport::Row& row(const ImportedWeights& imported, const std::string& name) {
  const auto& rows = imported.report.rows;
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.name == name; });
  REQUIRE(found != rows.end());
  return *found;
}

TEST_CASE("the same weights come out of the published form, Keras 3's legacy form and .npz") {
  const auto published = import_weights(fixture("published.h5"));
  const auto legacy = import_weights(fixture("legacy.h5"));  // VGG as one layer of a model, and a layer 'score'
  const auto arrays = import_weights(fixture("weights.npz"));
  CHECK_EQ(published.form, "Keras HDF5");
  CHECK_EQ(arrays.form, ".npz");
  CHECK_EQ(published.report.loaded, 18);
  CHECK_EQ(published.report.reshaped, 3);
  CHECK_EQ(published.report.unused, 0);
  CHECK_EQ(legacy.report.loaded, 20);
  for (const auto* imported : {&published, &legacy, &arrays}) CHECK_EQ(imported->layout, "keras");
  REQUIRE_EQ(published.weights.names().size(), 18);
  for (const auto& name : published.weights.names()) {
    CAPTURE(name);
    CHECK_EQ(values(published.weights.get(name)), values(legacy.weights.get(name)));
    CHECK_EQ(values(published.weights.get(name)), values(arrays.weights.get(name)));
  }
  CHECK(legacy.weights.contains("score.weight"));
}

TEST_CASE("kernels are transposed, and fully connected ones become convolutions") {
  const auto imported = import_weights(fixture("published.h5"));
  CHECK_EQ(imported.weights.type("block1_conv1.weight").shape, Shape{2, 3, 3, 3});
  CHECK_EQ(imported.weights.type("fc1.weight").shape, Shape{12, 4, 3, 3});
  CHECK_EQ(imported.weights.type("fc2.weight").shape, Shape{10, 12, 1, 1});
  CHECK_EQ(imported.weights.type("predictions.bias").shape, Shape{5});
  CHECK_EQ(row(imported, "fc1.weight").status, "reshaped");
  CHECK(says(row(imported, "fc1.weight").detail, "f32[12, 4, 3, 3] from 'fc1/fc1_W_1:0', as (3, 3, 4, 12)"));
  CHECK(says(row(imported, "fc1.weight").detail, "H, W, C"));
  CHECK_EQ(row(imported, "block1_conv1.weight").status, "loaded");
  CHECK(says(imported.report.to_text(), "18 loaded (3 reshaped), 0 at their initialisers, 0 unused"));
}

TEST_CASE("Keras 3's layers go by their own names, in the order of their numbers") {
  const auto imported = import_weights(fixture("vgg16.weights.h5"));
  CHECK_EQ(imported.form, "Keras 3 HDF5");
  CHECK_EQ(imported.report.loaded, 32);
  const auto& rows = imported.report.rows;
  CHECK_EQ(rows[0].name, "block1_conv1.weight");
  CHECK_EQ(rows[18].name, "block4_conv3.weight");  // conv2d_9 before conv2d_10
  CHECK_EQ(rows[24].name, "block5_conv3.weight");
  CHECK_EQ(imported.weights.type("fc1.weight").shape, Shape{12, 4, 3, 3});
}

TEST_CASE("a .keras archive, and a model inside a model") {
  const auto archive = import_weights(fixture("model.keras"));
  CHECK_EQ(archive.form, ".keras archive");
  CHECK_EQ(archive.weights.names(),
           std::vector<std::string>{"block1_conv1.bias", "block1_conv1.weight", "block1_conv2.bias",
                                    "block1_conv2.weight", "score.bias", "score.weight"});
  const auto arrays = import_weights(fixture("weights.npz"));
  CHECK_EQ(values(archive.weights.get("block1_conv1.weight")), values(arrays.weights.get("block1_conv1.weight")));
}

TEST_CASE("big-endian, double and half precision, and names in any script, give the right numbers") {
  // kernel[0, 0, i, o] is (3 i + o + 1) / 2
  const std::vector<float> expected{0.5f, 2, 1, 2.5f, 1.5f, 3};
  for (const char* name : {"big_endian.h5", "double.h5", "packed.h5", "whole_model.h5", "written.weights.h5"}) {
    CAPTURE(name);
    const auto imported = import_weights(fixture(name));
    CHECK_EQ(values(imported.weights.get("conv.weight")), expected);
    CHECK_EQ(values(imported.weights.get("conv.bias")), std::vector<float>{1, -2, 0x1p-20f});
  }
  CHECK_EQ(values(import_weights(fixture("unicode.h5")).weights.get("Faltung_größe_卷积.weight")), expected);
  const auto many = import_weights(fixture("many_unicode.h5")).weights;
  CHECK_EQ(many.names().size(), 40);
  CHECK_EQ(values(many.get("größe_27.bias")), std::vector<float>{27});
  const auto half = values(import_weights(fixture("half.h5")).weights.get("conv.weight"));
  const std::vector<float> halves{65504, 0x1p-24f, -65504, -1023 * 0x1p-24f, 0x1p-14f, -0.0f};
  CHECK_EQ(half, halves);
  CHECK(std::signbit(half[5]));
  const auto packed = import_weights(fixture("compressed.npz")).weights;  // big-endian f32, and f16
  CHECK_EQ(values(packed.get("conv.weight")), std::vector<float>{0, 3, 1, 4, 2, 5});
  CHECK_EQ(values(packed.get("conv.bias")), std::vector<float>{1, 1, 1});
}

TEST_CASE("models that somebody wrote: layers are attributes, lists, and transposed convolutions") {
  const auto imported = import_weights(fixture("written.weights.h5"));
  CHECK_EQ(imported.weights.names(),
           std::vector<std::string>{"conv.bias", "conv.weight", "norm.beta", "norm.gamma", "norm.mean", "norm.variance",
                                    "other.bias", "other.weight", "up.bias", "up.weight"});
  CHECK_EQ(imported.report.unused, 0);
}

TEST_CASE("a dense layer stands behind the nested model whose features it reads") {
  // Without names of layers in the archive's HDF5, as before Keras 3.6: they are in its config.json.
  const auto archive = import_weights(fixture("tuned.keras")).weights;
  const auto weights = import_weights(fixture("tuned.weights.h5")).weights;
  CHECK_EQ(archive.names(), std::vector<std::string>{"conv.bias", "conv.weight", "fc1.bias", "fc1.weight"});
  CHECK_EQ(archive.type("fc1.weight").shape, Shape{3, 2, 2, 2});
  CHECK_EQ(weights.names(), archive.names());
  for (const auto& name : archive.names()) CHECK_EQ(values(weights.get(name)), values(archive.get(name)));
}

TEST_CASE("safetensors in Keras's layout, and there and back in ours") {
  const TemporaryFolder folder;
  std::vector<float> numbers(6);
  std::iota(numbers.begin(), numbers.end(), 0.0f);
  const auto bytes = std::as_bytes(std::span(numbers));
  write_safetensors(folder / "keras.safetensors",
                    {{"conv/kernel", {DType::f32, {1, 1, 2, 3}, {}}, bytes}, {"step", {DType::i32, {6}, {}}, bytes}},
                    {});
  const auto imported = import_weights(folder / "keras.safetensors");
  CHECK_EQ(imported.layout, "keras");
  CHECK_EQ(values(imported.weights.get("conv.weight")), std::vector<float>{0, 3, 1, 4, 2, 5});
  CHECK_EQ(imported.report.unused, 1);
  CHECK_EQ(values(Weights::load(folder / "keras.safetensors").get("conv.weight")),
           values(imported.weights.get("conv.weight")));

  const auto vgg = import_weights(fixture("published.h5")).weights;
  vgg.save(folder / "ours.safetensors");
  const auto back = import_weights(folder / "ours.safetensors");
  CHECK_EQ(back.layout, "fcngraph");
  CHECK_EQ(back.weights.metadata().at("imported"), "keras");
  CHECK_EQ(back.weights.names(), vgg.names());
  for (const auto& name : vgg.names()) CHECK_EQ(values(back.weights.get(name)), values(vgg.get(name)));
}

TEST_CASE("a layout that does not exist or fit is refused") {
  CHECK(says(message_of<GraphError>([] { (void)import_weights(fixture("legacy.h5"), "torch"); }), "'torch'"));
  CHECK(
      says(message_of<GraphError>([] { (void)import_weights(fixture("legacy.h5"), "fcngraph"); }), "layout is keras"));
  CHECK_EQ(import_weights(fixture("weights.npz"), "fcngraph").weights.type("fc1/kernel").shape, Shape{36, 12});
}

TEST_CASE("published files are known by their MD5, others are not") {
  const auto name_of = [](const std::string& hex) {
    std::array<std::uint8_t, 16> digest{};
    for (std::size_t i = 0; i < 16; ++i)
      digest[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
    return std::string(import::published_name(digest, import::published_files()));
  };
  CHECK_EQ(name_of("64373286793e3c8b2b4e3219cbf3544b"), "VGG-16 of Keras, ImageNet, with top");
  CHECK_EQ(name_of("253f8cb515780f3b799900260a226db6"), "VGG-19 of Keras, ImageNet, without top");
  CHECK_EQ(name_of("00000000000000000000000000000001"), "");
  CHECK_EQ(import_weights(fixture("published.h5")).published, "");
}

TEST_CASE("a file whose MD5 is known has its name, which goes with the weights") {
  // As Keras's files are written, but narrow; its MD5 is what md5sum says.
  const std::array known{import::Published{"00000000000000000000000000000001", "another"},
                         import::Published{"5bcb076234a7b2367231392fc3a9d901", "VGG, narrow"}};
  const auto imported = import::import_file(fixture("published.h5"), "auto", known);
  CHECK_EQ(imported.published, "VGG, narrow");
  CHECK_EQ(imported.report.loaded, 18);
  const TemporaryFolder folder;
  imported.weights.save(folder / "vgg.safetensors");
  CHECK_EQ(Weights::load(folder / "vgg.safetensors").metadata().at("published"), "VGG, narrow");
  // One number is another: the file has no name any more, and is read all the same.
  std::string bytes = TemporaryFolder::read(fixture("published.h5"));
  bytes.at(bytes.size() - 1) = static_cast<char>(bytes.back() ^ 1);
  TemporaryFolder::write(folder / "changed.h5", bytes);
  const auto changed = import::import_file(folder / "changed.h5", "auto", known);
  CHECK_EQ(changed.published, "");
  CHECK_EQ(changed.weights.metadata().count("published"), 0);
  CHECK_EQ(changed.weights.names(), imported.weights.names());
  for (const auto& name : changed.weights.names())
    CHECK_EQ(changed.weights.type(name).shape, imported.weights.type(name).shape);
}

TEST_CASE("548 MiB of safetensors are open in a tenth of a second, since nothing is read") {
  const TemporaryFolder folder;
  constexpr std::int64_t kElements = 548 << 18;
  std::string header = R"({"w":{"dtype":"F32","shape":[)" + std::to_string(kElements) + R"(],"data_offsets":[0,)" +
                       std::to_string(4 * kElements) + "]}}";
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size());
  TemporaryFolder::write(folder / "w", file + header);
  std::filesystem::resize_file(folder / "w", 8 + header.size() + 4 * kElements);
  const auto start = std::chrono::steady_clock::now();
  const Weights weights = Weights::load(folder / "w");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(100));
  CHECK_EQ(weights.type("w").shape, Shape{kElements});
}

TEST_CASE("threads may import at once") {
  const auto expected = values(import_weights(fixture("published.h5")).weights.get("fc1.weight"));
  std::vector<std::vector<float>> got(4);
  std::vector<std::thread> threads;
  for (auto& mine : got) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 5; ++i) mine = values(import_weights(fixture("published.h5")).weights.get("fc1.weight"));
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& mine : got) CHECK_EQ(mine, expected);
}

}  // namespace
}  // namespace fcngraph
