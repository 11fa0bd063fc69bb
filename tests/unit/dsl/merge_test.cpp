// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "dsl_support.h"

using fcngraph::Diagnostics;
using fcngraph::dsl::LoadOptions;

namespace {

const std::string kHead = "[[head]]\nname = \"h\"\nfrom = \"x\"\n";

std::vector<fcngraph::Diagnostic> load(const std::filesystem::path& path, fcngraph::dsl::ModelSpec& spec,
                                       const LoadOptions& options = {}) {
  Diagnostics diagnostics;
  spec = fcngraph::dsl::load_model(path, options, diagnostics);
  return diagnostics.all();
}

}  // namespace

TEST_CASE("used files are found beside the file that names them, and keys beside `use` win") {
  const dsl_test::Folder folder("use");
  folder.write("parts/base.toml",
               "[backbone]\nweights = { file = \"w.h5\", layout = \"keras\" }\ntrainable = true\n\n"
               "[[node]]\nname = \"x\"\nop = \"relu\"\n");
  folder.write("parts/b.toml", "[backbone]\nuse = \"base.toml\"\ntaps = [\"x\"]\n");
  folder.write("parts/d.toml",
               "[data]\nkind = \"pets\"\nroot = \"pets\"\nresize = { mode = \"crop\" }\nval_share = 0.5\n");
  const auto model = folder.write("m.toml",
                                  "fcngraph = 1\n[backbone]\nuse = \"parts/b.toml\"\nweights.layout = \"fcngraph\"\n"
                                  "trainable = false\n[data]\nuse = \"parts/d.toml\"\nval_share = 0.25\n" +
                                      kHead);
  fcngraph::dsl::ModelSpec spec;
  const auto found = load(model, spec);
  INFO(fcngraph::render(found));
  REQUIRE(found.empty());
  CHECK(*spec.backbone.use == "parts/b.toml");
  CHECK(*spec.backbone.weights_file == (folder.path() / "parts/w.h5").string());
  CHECK(*spec.backbone.weights_layout == "fcngraph");
  CHECK_FALSE(**spec.backbone.trainable);
  CHECK(spec.backbone.nodes.size() == 1);
  CHECK(spec.data.root == (folder.path() / "parts/pets").string());
  CHECK(spec.data.val_share == 0.25);
  CHECK(spec.data.resize == fcngraph::dsl::ResizeMode::crop);
}

TEST_CASE("the resolved document stands alone and says the same") {
  const dsl_test::Folder folder("resolved");
  for (const std::string name : {"fcn8s.toml", "tiny/fcn16s.toml", "camvid/small.toml", "examples/unet.toml"}) {
    CAPTURE(name);
    const auto spec = dsl_test::load_file(name, {{"train.epochs=9"}, std::nullopt});
    fcngraph::dsl::ModelSpec again;
    const auto found = load(folder.write("graph.toml", spec.resolved), again);
    INFO(fcngraph::render(found));
    CHECK(found.empty());
    CHECK(again.resolved == spec.resolved);
    CHECK(*again.train.epochs == 9);
    REQUIRE(again.backbone.nodes.size() == spec.backbone.nodes.size());
    for (std::size_t i = 0; i < spec.backbone.nodes.size(); ++i) {
      CHECK(*again.backbone.nodes[i].name == *spec.backbone.nodes[i].name);
      CHECK(again.backbone.nodes[i].attrs == spec.backbone.nodes[i].attrs);
      CHECK(*again.backbone.nodes[i].inputs[0] == *spec.backbone.nodes[i].inputs[0]);
    }
    CHECK(again.nodes.size() == spec.nodes.size());
    CHECK(again.heads.size() == spec.heads.size());
    CHECK(again.data.root == spec.data.root);
    CHECK(again.data.classes == spec.data.classes);
  }
}

TEST_CASE("--data replaces the data of the model") {
  const dsl_test::Folder folder("data");
  const auto file = folder.write("d.toml", "[data]\nkind = \"camvid\"\nignore = [11]\n");
  auto spec = dsl_test::load_file("tiny/fcn8s.toml", {{}, "camvid:" + folder.path().string()});
  CHECK(spec.data.kind == "camvid");
  CHECK(spec.data.root == folder.path().string());
  spec = dsl_test::load_file("tiny/fcn8s.toml", {{}, file.string()});
  CHECK(spec.data.root == folder.path().string());
  CHECK(spec.data.ignore == std::vector<std::int64_t>{11});
  spec = dsl_test::load_file("tiny/fcn8s.toml", {{"data.images=3"}, "synthetic"});
  CHECK(spec.data.images == 3);
  CHECK(spec.data.size == 224);
}

TEST_CASE("load_data reads a description alone") {
  Diagnostics diagnostics;
  auto data = fcngraph::dsl::load_data((dsl_test::graphs() / "data/pets.toml").string(), diagnostics);
  CHECK(diagnostics.all().empty());
  CHECK(data.label_values == std::vector<std::int64_t>{1, 2, 3});
  CHECK(data.order == fcngraph::dsl::SampleOrder::tfds);
  CHECK(data.root == (dsl_test::graphs() / "data").lexically_normal().string());
  data = fcngraph::dsl::load_data("pets:some/folder", diagnostics);
  CHECK(diagnostics.all().empty());
  CHECK(data.root == (std::filesystem::current_path() / "some/folder").string());
  for (const std::string bad : {"", ":", "camvid", "camvid:", "camvd:x", "none.toml", "."}) {
    CAPTURE(bad);
    Diagnostics found;
    (void)fcngraph::dsl::load_data(bad, found);
    CHECK(found.has_errors());
  }
}

TEST_CASE("the twins read the tutorial's data, and a key takes each oddity back alone") {
  const auto odd = [](const std::vector<std::string>& set) {
    const auto data = dsl_test::load_file("keras/fcn8s.toml", {set, {}}).data;
    return std::vector<bool>{data.pad_to_batch, data.padding == "pad", data.bilinear_labels, data.half_precision,
                             data.shuffle_batches};
  };
  CHECK(odd({}) == std::vector<bool>{true, true, true, true, true});
  CHECK(odd({"data.resize.pad_to=input"}) == std::vector<bool>{false, true, true, true, true});
  CHECK(odd({"data.resize.padding=ignore"}) == std::vector<bool>{true, false, true, true, true});
  CHECK(odd({"data.resize.labels=nearest"}) == std::vector<bool>{true, true, false, true, true});
  CHECK(odd({"data.resize.precision=f32"}) == std::vector<bool>{true, true, true, false, true});
  CHECK(odd({"data.shuffle=samples"}) == std::vector<bool>{true, true, true, true, false});
  const auto plain = dsl_test::load_file("fcn8s.toml").data;
  CHECK_FALSE(plain.pad_to_batch);
  CHECK(plain.padding == "ignore");
  CHECK_FALSE(plain.bilinear_labels);
  CHECK_FALSE(plain.half_precision);
  CHECK_FALSE(plain.shuffle_batches);
}

TEST_CASE("a folder of images describes its splits against its root") {
  const dsl_test::Folder folder("splits");
  const auto file = folder.write("d.toml",
                                 "[data]\nkind = \"folder\"\nroot = \"set\"\nclasses = [\"a\", \"b\"]\n"
                                 "colors = [[0, 0, 0], [255, 0, 10]]\ntrain = { images = \"i\", masks = \"/m\" }\n"
                                 "val = { list = \"v.txt\" }\n");
  Diagnostics diagnostics;
  const auto data = fcngraph::dsl::load_data(file.string(), diagnostics);
  INFO(fcngraph::render(diagnostics.all()));
  CHECK(diagnostics.all().empty());
  CHECK(data.train.images == (folder.path() / "set/i").string());
  CHECK(data.train.masks == "/m");
  CHECK(data.val.list == (folder.path() / "set/v.txt").string());
  CHECK(data.colors.at(1) == fcngraph::dsl::Rgb{255, 0, 10});
}
