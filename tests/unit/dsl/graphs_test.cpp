// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <string>

#include "dsl_support.h"

using dsl_test::load_file;

TEST_CASE("every graph of the project is free of mistakes") {
  std::size_t models = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dsl_test::graphs())) {
    const auto& path = entry.path();
    if (path.extension() != ".toml") continue;
    const auto text = dsl_test::read_text(path);
    CAPTURE(path.string());
    fcngraph::Diagnostics diagnostics;
    if (path.parent_path().filename() == "data") {
      (void)fcngraph::dsl::load_data(path.string(), diagnostics);
    } else if (text.find("[[head]]") != std::string::npos) {
      (void)fcngraph::dsl::load_model(path, {}, diagnostics);
      ++models;
    } else {
      const std::string model =
          "fcngraph = 1\n[backbone]\nuse = \"" + path.string() + "\"\n[[head]]\nname = \"h\"\nfrom = \"image\"\n";
      const auto spec = dsl_test::load(model, diagnostics);
      CHECK_FALSE(spec.backbone.nodes.empty());
    }
    INFO(fcngraph::render(diagnostics.all()));
    CHECK(diagnostics.all().empty());
  }
  CHECK(models >= 11);
}

TEST_CASE("the backbones are VGG") {
  for (const auto& [name, last, convs] : {std::tuple("vgg16", 3, 13), std::tuple("vgg19", 4, 16)}) {
    const auto file = dsl_test::graphs() / "backbones" / (std::string(name) + ".toml");
    const auto spec = load_file("fcn8s.toml", {{"backbone.use=" + file.string()}, {}});
    REQUIRE(spec.backbone.nodes.size() == static_cast<std::size_t>(convs) + 5);
    std::set<std::string> names;
    std::int64_t channels = 3;
    std::int64_t parameters = 0;
    for (const auto& node : spec.backbone.nodes) {
      names.insert(*node.name);
      if (*node.op != "conv2d") continue;
      const auto filters = std::get<std::int64_t>(node.attrs.at("filters"));
      parameters += 9 * channels * filters + filters;
      channels = filters;
      CHECK(*node.activation == "relu");
    }
    CHECK(names.count("block1_conv1") == 1);
    CHECK(names.count("block5_conv" + std::to_string(last)) == 1);
    CHECK(names.count("block5_conv" + std::to_string(last + 1)) == 0);
    CHECK(names.count("block5_pool") == 1);
    // The published sizes without the classifier.
    CHECK(parameters == (convs == 13 ? 14'714'688 : 20'024'384));
  }
}

TEST_CASE("fcn8s trains as many parameters as it should, and freezes the rest") {
  for (const auto& [name, trained] :
       {std::pair("fcn32s.toml", 16'388), std::pair("fcn16s.toml", 18'440), std::pair("fcn8s.toml", 19'468)}) {
    const auto spec = load_file(name);
    const std::map<std::string, std::int64_t> channels{{"fc7", 4096}, {"block4_pool", 512}, {"block3_pool", 256}};
    std::int64_t parameters = 0;
    for (const auto& head : spec.heads) parameters += channels.at(*head.from) * 4 + 4;
    CHECK(parameters == trained);
    CHECK(spec.data.num_classes == 4);
    std::int64_t frozen = 20'024'384;
    std::int64_t in = 512;
    for (const auto& dense : spec.dense_convs) {
      frozen += *dense.kernel * *dense.kernel * in * *dense.filters;
      in = *dense.filters;
      CHECK_FALSE(*dense.bias);
    }
    CHECK(frozen == 139'562'048);
  }
}

TEST_CASE("the CamVid network has about 1.3 million parameters") {
  const auto spec = load_file("camvid/small.toml");
  std::int64_t channels = 3;
  std::int64_t parameters = 0;
  for (const auto& node : spec.backbone.nodes) {
    if (*node.op == "batch_norm") parameters += 2 * channels;
    if (*node.op != "conv2d") continue;
    const auto filters = std::get<std::int64_t>(node.attrs.at("filters"));
    parameters += 9 * channels * filters;
    channels = filters;
  }
  parameters += (192 + 192 + 96 + 3) * 11;
  CHECK(parameters > 1'250'000);
  CHECK(parameters < 1'350'000);
  CHECK(*spec.train.flip);
  CHECK(spec.data.classes.size() == 11);
}
