// SPDX-License-Identifier: Apache-2.0
#include "load_graph.h"

namespace fcngraph {
namespace {

using test::build;
using test::count_parameters;
using test::load_spec;
using test::parse_spec;

std::string first_error(const std::string& text, dsl::BuildOptions options) {
  Diagnostics diagnostics;
  const auto spec = dsl::load_model_text(text, "model.toml", test::graphs_folder(), {}, diagnostics);
  REQUIRE(!diagnostics.has_errors());
  (void)dsl::build_graph(spec, options, OpTable{}, diagnostics);
  REQUIRE(diagnostics.has_errors());
  return render(diagnostics.all()[0]);
}

constexpr const char* kModel = R"(
fcngraph = 1
[model]
name = "m"
input = { height = 32, width = 48 }
[[node]]
name = "c"
op = "conv2d"
filters = 4
kernel = 3
stride = 4
[[head]]
name = "h"
from = "c"
upsample = 4
)";

TEST_CASE(
    "parameter counts of the FCN family are those of the paper's heads, and the tutorial's with the extra "
    "convolution") {
  const struct {
    const char* file;
    std::int64_t classes, trainable;
  } rows[] = {{"fcn32s.toml", 4, 16388},       {"fcn16s.toml", 4, 18440},       {"fcn8s.toml", 4, 19468},
              {"fcn32s.toml", 3, 12291},       {"fcn16s.toml", 3, 13830},       {"fcn8s.toml", 3, 14601},
              {"keras/fcn32s.toml", 4, 16408}, {"keras/fcn16s.toml", 4, 18460}, {"keras/fcn8s.toml", 4, 19488}};
  for (const auto& row : rows) {
    CAPTURE(row.file);
    const auto counts =
        count_parameters(build(load_spec(row.file), {.mode = Mode::train, .batch = 2, .classes = row.classes}));
    CHECK(counts.trainable == row.trainable);
    CHECK(counts.frozen == 139562048);
  }
}

TEST_CASE("model.trainable decides what trains") {
  const auto all =
      count_parameters(build(load_spec("fcn8s.toml", {"model.trainable=all"}), {.mode = Mode::train, .classes = 4}));
  CHECK(all.trainable == 139562048 + 19468);
  CHECK(all.frozen == 0);
  const auto globs = count_parameters(build(load_spec("fcn8s.toml", {R"(model.trainable=["fc7", "head:fcn32s"])"}),
                                            {.mode = Mode::train, .classes = 4}));
  CHECK(globs.trainable == 4096 * 4096 + 16388);
}

TEST_CASE("the input is padded to the deepest stride and every head is cropped back") {
  for (const std::int64_t size : {1, 31, 32, 33, 100}) {
    CAPTURE(size);
    const Graph graph = build(load_spec("tiny/fcn8s.toml"),
                              {.height = size, .width = size + 7, .classes = 4, .fetch = {"block5_pool"}});
    const auto shape = [&](const char* name) { return graph.value(graph.find_value(name)).type.shape; };
    for (const auto& [name, value] : graph.outputs()) {
      if (name != "block5_pool") CHECK(graph.value(value).type.shape == Shape{1, 4, size, size + 7});
    }
    CHECK(shape("block5_pool")[2] == (size + 31) / 32);
    CHECK(shape("block5_pool")[3] == (size + 7 + 31) / 32);
  }
}

TEST_CASE("only the heads asked for are outputs, with the heads that they fuse") {
  const Graph graph = build(load_spec("tiny/fcn8s.toml"), {.classes = 4, .heads = {"fcn16s"}});
  REQUIRE(graph.outputs().size() == 1);
  CHECK(graph.outputs()[0].first == "fcn16s");
  CHECK(graph.find_value("fcn32s.score").valid());
  CHECK_FALSE(graph.find_value("fcn8s.score").valid());
}

TEST_CASE("skips start at zero, and every head is scaled by a state unless the file says by what") {
  const Graph graph = build(load_spec("tiny/fcn8s.toml"), {.classes = 4});
  CHECK(graph.value(graph.find_value("fcn8s.weight")).init.kind == Initializer::Kind::zeros);
  CHECK(graph.value(graph.find_value("fcn32s.weight")).init.kind == Initializer::Kind::glorot_uniform);
  CHECK(graph.value(graph.find_value("fcn8s.scale")).role == Role::state);
  CHECK(graph.value(graph.find_value("fcn32s.scale")).role == Role::state);
  const Graph fixed =
      build(load_spec("tiny/fcn8s.toml", {"head.fcn8s.scale=0.5", "head.fcn16s.scale=1"}), {.classes = 4});
  CHECK_FALSE(fixed.find_value("fcn8s.scale").valid());
  CHECK(fixed.find_value("fcn8s.scaled").valid());
  CHECK_FALSE(fixed.find_value("fcn16s.scaled").valid());
}

TEST_CASE("losses and label maps are outputs of training and evaluation") {
  for (const Mode mode : {Mode::train, Mode::eval}) {
    const Graph graph = build(load_spec("tiny/fcn16s.toml"), {.mode = mode, .batch = 3, .classes = 4});
    std::vector<std::string> names;
    for (const auto& [name, value] : graph.outputs()) names.push_back(name);
    CHECK(join(names) ==
          "fcn32s.loss_sum, fcn32s.loss_count, fcn32s.loss, fcn32s.labels, fcn16s.loss_sum, fcn16s.loss_count, "
          "fcn16s.loss, fcn16s.labels, loss");
    CHECK(graph.find_value("sample_keys").valid() == (mode == Mode::train));
  }
}

TEST_CASE("a use of a block is fetched by its own name") {
  const Graph graph = build(load_spec("camvid/small.toml"), {.classes = 4, .fetch = {"level3", "level3_unit1"}});
  const auto fetched = [&](const std::string& name) {
    for (const auto& [output, value] : graph.outputs()) {
      if (output == name) return graph.value(value).name;
    }
    return std::string("nothing");
  };
  CHECK(fetched("level3") == "level3_unit2_norm");
  CHECK(fetched("level3_unit1") == "level3_unit1_norm");

  Diagnostics diagnostics;
  (void)dsl::build_graph(load_spec("camvid/small.toml"), {.classes = 4, .fetch = {"levl3"}}, OpTable{}, diagnostics);
  REQUIRE(diagnostics.error_count() == 1);
  CHECK(diagnostics.all()[0].suggestion == "did you mean 'level3'?");
}

TEST_CASE("mistakes that only shapes show are reported at their place") {
  const std::string text = kModel;
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string out = text;
    return out.replace(out.find(from), from.size(), to);
  };
  CHECK(first_error(replaced("upsample = 4", "upsample = 2"), {.classes = 3})
            .find("model.toml:15:12: error[E0207]: head 'h' does not meet the input") != std::string::npos);
  CHECK(first_error(replaced("\"conv2d\"", "\"conv2\""), {.classes = 3}).find("did you mean 'conv2d'?") !=
        std::string::npos);
  CHECK(first_error(replaced("stride = 4", "strid = 4"), {.classes = 3}).find("did you mean 'stride'?") !=
        std::string::npos);
  CHECK(first_error(replaced("filters = 4", "filters = 0"), {.classes = 3}).find("filters") != std::string::npos);
  CHECK(first_error(replaced("filters = 4", "filters = 9223372036854775807"), {.classes = 3}).find("overflows") !=
        std::string::npos);
  CHECK(first_error(text, {.classes = 0}).find("expected 1 to 255 classes, got 0") != std::string::npos);
  CHECK(first_error(text, {.batch = 0, .classes = 3}).find("batch") != std::string::npos);
  CHECK(first_error(text, {.classes = 3, .heads = {"hh"}}).find("did you mean 'h'?") != std::string::npos);
  CHECK(first_error(text, {.classes = 3, .fetch = {"d"}}).find("there is no value 'd' to fetch") != std::string::npos);
}

TEST_CASE("every graph of the repository builds in every mode") {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::graphs_folder())) {
    const auto relative = std::filesystem::relative(entry.path(), test::graphs_folder());
    const std::string first = relative.begin()->string();
    if (entry.path().extension() != ".toml" || first == "backbones" || first == "data" ||
        relative.filename() == "vgg.toml")
      continue;
    CAPTURE(relative.string());
    ++count;
    for (const Mode mode : {Mode::infer, Mode::eval, Mode::train}) {
      const Graph graph = build(load_spec(relative.string()), {.mode = mode, .classes = 5});
      verify(graph, "its construction");
    }
  }
  CHECK(count >= 8);
}

}  // namespace
}  // namespace fcngraph
