// SPDX-License-Identifier: Apache-2.0
#include "import/keras_names.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace fcngraph::import {
namespace {

/// Kernels of so many layers as a Keras 3 file without names lists them.
Source nameless(int convs, int dense) {
  Source source;
  const auto add = [&](const std::string& name, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string group = name + (i > 0 ? "_" + std::to_string(i) : "");
      source.push_back({"layers/" + group + "/vars/0", group, "kernel", {}});
    }
  };
  add("conv2d", convs);
  add("dense", dense);
  return source;
}

std::vector<std::string> layers(const Source& source) {
  std::vector<std::string> out;
  for (const auto& tensor : source) out.push_back(tensor.layer);
  return out;
}

TEST_CASE("without names, the layers of VGG are known by their number") {
  Source vgg16 = nameless(13, 3), vgg19 = nameless(16, 0);
  CHECK_EQ(name_as_vgg(vgg16), "VGG-16");
  CHECK_EQ(name_as_vgg(vgg19), "VGG-19");
  const auto names = layers(vgg16);
  CHECK_EQ(names[0], "block1_conv1");
  CHECK_EQ(names[12], "block5_conv3");
  CHECK_EQ(names[15], "predictions");
  CHECK_EQ(vgg19[8].layer, "block4_conv1");

  for (auto other : {nameless(14, 0), nameless(13, 1), nameless(0, 0)}) {
    const auto before = layers(other);
    CHECK_EQ(name_as_vgg(other), "");
    CHECK_EQ(layers(other), before);
  }
  Source named = nameless(13, 0);
  named[3].layer = "mine";
  CHECK_EQ(name_as_vgg(named), "");
}

TEST_CASE("config.json names the layers and says their order") {
  const std::string config = R"({"class_name": "Functional", "config": {"layers": [
    {"class_name": "InputLayer", "config": {"name": "in"}},
    {"class_name": "Functional", "config": {"name": "inner", "layers": [
      {"class_name": "Conv2D", "config": {"name": "a"}}, {"class_name": "Conv2DTranspose", "config": {"name": "b"}}]}},
    {"class_name": "Dense", "config": {"name": "c"}}, {"class_name": "Dense", "config": {"name": "d"}}]}})";
  Source source;
  for (const char* group : {"dense_1", "dense", "functional/layers/conv2d_transpose", "functional/layers/conv2d", "x"})
    source.push_back({std::string("layers/") + group + "/vars/0", group, "kernel", {}});
  Source old = source;
  for (auto& tensor : old) tensor.path.replace(0, 6, "_layer_checkpoint_dependencies");
  for (auto* form : {&source, &old}) {
    name_by_config(*form, config);
    CHECK_EQ(layers(*form), std::vector<std::string>{"a", "b", "c", "d", "x"});
  }
}

TEST_CASE("a config.json that says nothing of use changes nothing") {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += R"({"config": {"layers": [)";
  for (const std::string& config :
       {std::string(), std::string("[1"), std::string("[]"), std::string(R"({"config": 3})"),
        std::string(R"({"config": {"layers": [1, {}, {"config": {"name": 7}}]}})"), deep}) {
    Source source = nameless(2, 1);
    name_by_config(source, config);
    CHECK_EQ(layers(source), std::vector<std::string>{"conv2d", "conv2d_1", "dense"});
  }
}

}  // namespace
}  // namespace fcngraph::import
