// SPDX-License-Identifier: Apache-2.0
#include "rename_weights.h"

#include <doctest/doctest.h>

#include <fcngraph/model.h>

#include "import_files.h"

namespace fcngraph {
namespace {

Tensor number(float x) {
  Tensor tensor = Tensor::zeros({DType::f32, {1}, {}});
  *tensor.as<float>() = x;
  return tensor;
}

Model model(const std::string& layers) {
  return Model::parse("fcngraph = 1\n[model]\nname = \"m\"\n" + layers +
                          "[[head]]\nname = \"h\"\nfrom = \"two\"\n[data]\nkind = \"synthetic\"\nclasses = 2\n",
                      ".");
}

std::string layer(const std::string& name, const std::string& from, const std::string& weights_from) {
  return "[[dense_conv]]\nname = \"" + name + "\"\nfrom = \"" + from + "\"\nfilters = 1\nweights_from = \"" +
         weights_from + "\"\n";
}

TEST_CASE("a layer's weights come from the layer that it names, also where two change places") {
  const Model swapped = model(layer("one", "image", "two") + layer("two", "one", "one"));
  Weights weights;
  weights.set("one.weight", number(1));
  weights.set("two.weight", number(2));
  weights.metadata()["imported"] = "keras";
  const Weights once = rename_weights(swapped.spec(), weights);
  CHECK_EQ(values(once.get("one.weight")), std::vector<float>{2});
  CHECK_EQ(values(once.get("two.weight")), std::vector<float>{1});
  const Weights twice = rename_weights(swapped.spec(), once);
  CHECK_EQ(values(twice.get("one.weight")), std::vector<float>{2});
}

TEST_CASE("a checkpoint's own names come first, and names that were taken are gone") {
  const Model named = model(layer("one", "image", "fc1") + layer("two", "one", "fc2"));
  Weights checkpoint;
  checkpoint.set("one.weight", number(1));
  checkpoint.set("fc1.weight", number(7));
  checkpoint.set("fc2.weight", number(8));
  checkpoint.set("fc2.bias", number(9));
  const Weights matched = rename_weights(named.spec(), checkpoint);
  CHECK_EQ(values(matched.get("one.weight")), std::vector<float>{1});
  CHECK_EQ(values(matched.get("two.weight")), std::vector<float>{8});
  CHECK_EQ(values(matched.get("two.bias")), std::vector<float>{9});
  CHECK(matched.contains("fc1.weight"));
  CHECK_FALSE(matched.contains("fc2.weight"));
  checkpoint.metadata()["imported"] = "keras";
  CHECK_EQ(values(rename_weights(named.spec(), checkpoint).get("one.weight")), std::vector<float>{7});
}

TEST_CASE("one layer of the file may serve several of the model") {
  const Model shared = model(layer("one", "image", "fc1") + layer("two", "one", "fc1"));
  Weights weights;
  weights.set("fc1.weight", number(3));
  const Weights matched = rename_weights(shared.spec(), weights);
  CHECK_EQ(matched.names(), std::vector<std::string>{"one.weight", "two.weight"});
}

TEST_CASE("kernels of transposed convolutions are turned, once, and not those of a checkpoint") {
  const Model up =
      model("[[node]]\nname = \"two\"\nop = \"conv2d_transpose\"\ninputs = [\"image\"]\nfilters = 2\nkernel = 1\n");
  Tensor kernel = Tensor::zeros({DType::f32, {3, 2, 1, 1}, {}});  // Keras: (1, 1, 2 outputs, 3 inputs)
  for (int i = 0; i < 6; ++i) kernel.as<float>()[i] = static_cast<float>(i);
  Weights weights;
  weights.set("two.weight", kernel);
  CHECK_EQ(rename_weights(up.spec(), weights).type("two.weight").shape, Shape{3, 2, 1, 1});
  weights.metadata()["imported"] = "keras";
  const Weights once = rename_weights(up.spec(), weights), twice = rename_weights(up.spec(), once);
  CHECK_EQ(twice.type("two.weight").shape, Shape{2, 3, 1, 1});
  CHECK_EQ(values(twice.get("two.weight")), std::vector<float>{0, 2, 4, 1, 3, 5});
}

}  // namespace
}  // namespace fcngraph
