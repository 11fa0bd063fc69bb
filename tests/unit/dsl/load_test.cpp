// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include <fcngraph/dsl/build.h>

#include "dsl_support.h"

using dsl_test::load;
using dsl_test::load_good;
using fcngraph::Diagnostics;
using fcngraph::dsl::LossScaleSpec;
using fcngraph::dsl::TrainableSpec;

TEST_CASE("every key of a model reaches its field") {
  const auto spec = load_good(R"(
fcngraph = 1
[model]
name = "m"
classes = ["ground", "disc"]
input = { height = 64, width = 96, channels = 1, preprocess = "none" }
trainable = ["conv*", "head:*"]
[backbone]
taps = ["conv"]
weights = { file = "w.h5", layout = "keras" }
trainable = true
[[backbone.node]]
name = "conv"
op = "conv2d"
filters = 8
kernel = [3, 5]
pads = [1, 1, 2, 2]
activation = "relu"
dropout = 0.25
init = "glorot"
bias = false
trainable = false
weights_from = "c1"
[[dense_conv]]
name = "fc"
from = "conv"
filters = 4
kernel = 3
padding = "valid"
bias = false
dropout = 0.5
activation = "linear"
init = "he"
weights_from = "fc1"
trainable = true
[[head]]
name = "h"
from = "fc"
upsample = 2
upsample_kind = "nearest"
align = "crop"
activation = "relu"
init = "ones"
bias = false
scale = 0.5
trainable = true
loss_weight = 2
[train]
loss = { kind = "cross_entropy", on = "logits", normalize = "none", class_weights = [1, 2.5] }
optimizer = { kind = "sgd", lr = 1, momentum = 0.9, nesterov = true }
l2 = [{ match = "*.weight", value = 1e-5 }]
lr_scale = [{ match = "*.bias", value = 2 }, { match = "h.*", value = 0.5 }]
epochs = 3
batch = 2
schedule = "constant"
warmup = 0
clip_norm = 0
loss_scale = 512
shuffle = false
augment = { flip = true }
validate_every = 2
seed = 7
[compile]
kernels = "onednn"
exact = true
storage = "f16"
deterministic = false
[data]
kind = "synthetic"
images = 4
val_images = 2
test_images = 1
size = 32
classes = 3
rim = 1
jitter = 10
seed = 5
resize = "crop"
)");
  CHECK(*spec.name == "m");
  CHECK(spec.classes.size() == 2);
  CHECK(*spec.height == 64);
  CHECK(*spec.width == 96);
  CHECK(*spec.channels == 1);
  CHECK(*spec.preprocess == "none");
  CHECK(spec.trainable.kind == TrainableSpec::Kind::globs);
  CHECK(*spec.trainable.globs[1] == "head:*");
  CHECK(spec.backbone.weights_file.value.ends_with("/graphs/w.h5"));
  CHECK(*spec.backbone.weights_layout == "keras");
  CHECK(**spec.backbone.trainable);
  const auto& node = spec.backbone.nodes.at(0);
  CHECK(*node.op == "conv2d");
  CHECK(std::get<std::int64_t>(node.attrs.at("filters")) == 8);
  CHECK(std::get<std::vector<std::int64_t>>(node.attrs.at("kernel")) == std::vector<std::int64_t>{3, 5});
  CHECK(node.attrs.size() == 3);
  CHECK(node.attr_spans.at("kernel").line == node.key_spans.at("kernel").line);
  CHECK(*node.dropout == 0.25);
  CHECK(*node.init == "glorot");
  CHECK_FALSE(**node.bias);
  CHECK_FALSE(**node.trainable);
  CHECK(*node.weights_from == "c1");
  const auto& dense = spec.dense_convs.at(0);
  CHECK(*dense.kernel == 3);
  CHECK(*dense.dropout == 0.5);
  CHECK(*dense.activation == "linear");
  const auto& head = spec.heads.at(0);
  CHECK(*dense.padding == "valid");
  CHECK(*head.upsample_kind == "nearest");
  CHECK(*head.align == "crop");
  CHECK(**head.scale == 0.5);
  CHECK(*head.loss_weight == 2.0);
  CHECK(spec.train.loss.class_weights == std::vector<double>{1.0, 2.5});
  CHECK(*spec.train.optimizer.momentum == 0.9);
  CHECK(*spec.train.optimizer.nesterov);
  CHECK(*spec.train.loss.normalize == "none");
  CHECK(*spec.train.l2.at(0).value == 1e-5);
  CHECK(*spec.train.lr_scale.at(1).match == "h.*");
  CHECK(*spec.train.lr_scale.at(1).value == 0.5);
  CHECK(*spec.train.epochs == 3);
  CHECK(**spec.train.warmup == 0);
  CHECK(*spec.train.clip_norm == 0.0);
  CHECK(spec.train.loss_scale.kind == LossScaleSpec::Kind::fixed);
  CHECK(spec.train.loss_scale.value == 512);
  CHECK_FALSE(*spec.train.shuffle);
  CHECK(*spec.train.flip);
  CHECK(*spec.train.seed == 7);
  CHECK(*spec.compile.storage == "f16");
  CHECK_FALSE(*spec.compile.deterministic);
  CHECK(spec.data.images == 4);
  CHECK(spec.data.num_classes == 3);
  CHECK(spec.data.seed == 5);
  CHECK(spec.data.resize == fcngraph::dsl::ResizeMode::crop);
}

TEST_CASE("what a file leaves out keeps its default") {
  const auto spec = load_good("fcngraph = 1\n[[head]]\nname = \"h\"\nfrom = \"image\"\n");
  CHECK(*spec.name == "model");
  CHECK_FALSE(spec.name.given());
  CHECK(spec.trainable.kind == TrainableSpec::Kind::heads);
  CHECK(*spec.train.optimizer.kind == "adamw");
  CHECK_FALSE(spec.train.warmup);
  CHECK_FALSE(spec.heads[0].scale);
  CHECK(spec.data.kind == "synthetic");
}

TEST_CASE("gradients in f16 are of a scaled loss, others are where [train] says so") {
  const auto scales = [](const std::string& train, fcngraph::DType storage) {
    return optimizer_options(
               load_good("fcngraph = 1\n[[head]]\nname = \"h\"\nfrom = \"image\"\n[train]\n" + train).train, storage)
        .scale_loss;
  };
  using fcngraph::DType;
  CHECK(scales("", DType::f16));
  CHECK_FALSE(scales("", DType::f32));
  CHECK_FALSE(scales("", DType::bf16));
  CHECK_FALSE(scales("loss_scale = \"off\"", DType::f16));
  CHECK(scales("loss_scale = \"dynamic\"", DType::f32));
  CHECK(scales("loss_scale = 8", DType::f32));
}

TEST_CASE("a misspelt tap reads as in the documentation") {
  auto text = dsl_test::read_text(dsl_test::graphs() / "fcn8s.toml");
  const auto at = text.find("from = \"block4_pool\"");
  text.replace(at, 20, "from = \"block4_pol\"");
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  Diagnostics diagnostics;
  (void)load(text, diagnostics);
  REQUIRE(diagnostics.all().size() == 1);
  const std::string number = std::to_string(line);
  CHECK(fcngraph::render(diagnostics.all()[0]) ==
        "model.toml:" + number +
            ":8: error[E0203]: head 'fcn16s' reads 'block4_pol', which the backbone does not define\n"
            "   " +
            number +
            " | from = \"block4_pol\"\n"
            "   " +
            std::string(number.size(), ' ') +
            " |        ^^^^^^^^^^^^ did you mean 'block4_pool'?\n"
            "   taps available: block3_pool, block4_pool, block5_pool\n"
            "   other names: fc6, fc7, image");
}

TEST_CASE("a number in quotes is told apart from a word") {
  Diagnostics diagnostics;
  (void)load("fcngraph = 1\n[train]\nepochs = \"5\"\nbatch = \"five\"\n[[head]]\nname = \"h\"\nfrom = \"image\"\n",
             diagnostics);
  REQUIRE(diagnostics.all().size() == 2);
  CHECK(diagnostics.all()[0].suggestion == "write it without the quotes");
  CHECK(diagnostics.all()[1].message == "'batch' of [train]: expected a positive integer, got \"five\"");
  CHECK(diagnostics.all()[1].suggestion.empty());
}

TEST_CASE("keys of another optimizer or another kind of data are explained") {
  Diagnostics diagnostics;
  (void)load(
      "fcngraph = 1\n[train]\noptimizer = { kind = \"adamw\", momentum = 0.9 }\n[data]\nkind = \"camvid\"\nsize = 3\n"
      "[[head]]\nname = \"h\"\nfrom = \"image\"\n",
      diagnostics);
  REQUIRE(diagnostics.all().size() == 2);
  CHECK(diagnostics.all()[0].suggestion == "only sgd has a momentum; adamw has beta1 and beta2");
  CHECK(diagnostics.all()[1].suggestion == "it belongs to kind = \"synthetic\", and this is \"camvid\"");
}

TEST_CASE("files that cannot be read") {
  const dsl_test::Folder folder("unreadable");
  const auto code_of = [](const std::filesystem::path& path) {
    Diagnostics diagnostics;
    (void)fcngraph::dsl::load_model(path, {}, diagnostics);
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all()[0].code == "E0100");
    return diagnostics.all()[0].message;
  };
  const auto path = folder.path();
  CHECK(code_of(path / "none.toml") == "cannot read '" + (path / "none.toml").string() + "': there is no such file");
  CHECK(code_of(path).ends_with("it is a folder"));
  CHECK(code_of(folder.write("zero.toml", std::string("a = 1\0b", 7))).ends_with("so it is not a text file"));
  CHECK(code_of(folder.write("large.toml", std::string((16U << 20U) + 1, '#'))).find("larger than 16 MiB") !=
        std::string::npos);
}
