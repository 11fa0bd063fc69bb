// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/crop.h>

#include "pass_fixture.h"

namespace fcngraph {
namespace {

/// The nets of Long et al. 2015 as published (VGG16, padding of 100, pooling that rounds up), with one channel everywhere.
struct CaffeNet : test::PassFixture {
  ValueId data, pool3, pool4, score;

  CaffeNet(std::int64_t height, std::int64_t width) {
    data = image("data", {1, 1, height, width});
    ValueId x = data;
    const int convolutions[] = {2, 2, 3, 3, 3};
    for (int block = 1; block <= 5; ++block) {
      for (int i = 1; i <= convolutions[block - 1]; ++i) {
        const std::int64_t pad = block == 1 && i == 1 ? 100 : 1;
        x = conv("conv" + std::to_string(block) + "_" + std::to_string(i), x,
                 {{"kernel", std::int64_t{3}}, {"padding", std::string("explicit")}, {"pads", pad}});
      }
      x = add("pool" + std::to_string(block), "max_pool2d", {{"ceil", true}}, {x});
      if (block == 3) pool3 = x;
      if (block == 4) pool4 = x;
    }
    x = conv("fc6", x, {{"kernel", std::int64_t{7}}, {"padding", std::string("valid")}});
    x = add("relu6", "relu", {}, {x});
    score = conv("score_fr", conv("fc7", x, {}), {});
  }

  ValueId upscore(const std::string& name, ValueId x, std::int64_t factor) {
    return conv(name, x, {{"kernel", 2 * factor}, {"stride", factor}, {"padding", std::string("valid")}},
                "conv2d_transpose");
  }
  ValueId crop(const std::string& name, ValueId x, ValueId like) { return add(name, "crop", {}, {x, like}); }

  /// A skip as the paper's authors wrote it: the finer score is cut to the coarser one.
  ValueId fuse(const std::string& name, ValueId pool, ValueId coarse) {
    const ValueId up = upscore("up_" + name, coarse, 2);
    return add("fuse_" + name, "add", {}, {up, crop(name + "c", conv(name, pool, {}), up)});
  }

  /// The offset that a crop was given, which is the same on both axes.
  std::int64_t offset(const std::string& name) const {
    const Pads& pads = node(name).attrs.as<CropAttrs>().pads;
    CHECK(pads.top == pads.left);
    CHECK_FALSE(node(name).operands[1].valid());
    return pads.top;
  }
};

TEST_CASE("align_crops gives the offsets of the published nets, whatever the size of the image") {
  for (const auto& [height, width] : {std::pair{224, 224}, std::pair{500, 375}, std::pair{33, 640}}) {
    CAPTURE(height);
    CaffeNet fcn32s(height, width);
    fcn32s.rewriter.set_output("score", fcn32s.crop("score", fcn32s.upscore("up", fcn32s.score, 32), fcn32s.data));
    CHECK(fcn32s.run(align_crops));
    CHECK(fcn32s.offset("score") == 19);
    CHECK((fcn32s.value("score").type.shape == Shape{1, 1, height, width}));

    CaffeNet fcn16s(height, width);
    const ValueId fused16 = fcn16s.fuse("score_pool4", fcn16s.pool4, fcn16s.score);
    fcn16s.rewriter.set_output("score", fcn16s.crop("score", fcn16s.upscore("up", fused16, 16), fcn16s.data));
    CHECK(fcn16s.run(align_crops));
    CHECK(fcn16s.offset("score_pool4c") == 5);
    CHECK(fcn16s.offset("score") == 27);

    CaffeNet fcn8s(height, width);
    const ValueId middle = fcn8s.fuse("score_pool4", fcn8s.pool4, fcn8s.score);
    const ValueId fine = fcn8s.fuse("score_pool3", fcn8s.pool3, middle);
    fcn8s.rewriter.set_output("score", fcn8s.crop("score", fcn8s.upscore("up", fine, 8), fcn8s.data));
    CHECK(fcn8s.run(align_crops));
    CHECK(fcn8s.offset("score_pool4c") == 5);
    CHECK(fcn8s.offset("score_pool3c") == 9);
    CHECK(fcn8s.offset("score") == 31);
    CHECK_FALSE(fcn8s.run(align_crops));
  }
}

TEST_CASE("align_crops keeps a crop that says itself what it cuts") {
  test::PassFixture b;
  b.rewriter.set_output("y", b.add("c", "crop", {{"pads", std::int64_t{1}}}, {b.image("x", {1, 2, 8, 8})}));
  CHECK_FALSE(b.run(align_crops));
  CHECK(b.node("c").attrs.as<CropAttrs>().pads == Pads{1, 1, 1, 1});
}

TEST_CASE("align_crops says why two tensors cannot be aligned") {
  test::PassFixture b;
  const ValueId x = b.image("x", {1, 1, 16, 16});
  const auto refusal = [&](ValueId large, ValueId small) {
    b.rewriter.set_output("y", b.add(b.rewriter.unique_name("c"), "crop", {}, {large, small}));
    CHECK_FALSE(b.run(align_crops));
    REQUIRE(b.diagnostics.has_errors());
    const Diagnostic last = b.diagnostics.all().back();
    CHECK(last.code == "E0305");
    return last.message;
  };
  SUBCASE("no common ancestor") {
    CHECK(refusal(x, b.image("z", {1, 1, 8, 8})) ==
          "node 'c' cannot cut 'x' to 'z': they have no ancestor in common: 'x' goes back to 'x', 'z' to 'z'");
  }
  SUBCASE("another scale") {
    CHECK(refusal(x, b.add("p", "max_pool2d", {}, {x})) ==
          "node 'c' cannot cut 'x' to 'p': a pixel of 'x' is 1 of their common ancestor, one of 'p' is 2");
    CHECK(b.diagnostics.all().back().notes ==
          std::vector<std::string>{"'x' is 16x16", "'p' is 8x8 because 'p' halves 16x16 of 'x'"});
  }
  SUBCASE("half a pixel") {
    const ValueId even = b.conv("e", x, {{"kernel", std::int64_t{2}}, {"padding", std::string("valid")}});
    CHECK(refusal(x, even) ==
          "node 'c' cannot cut 'x' to 'e': 'e' begins at pixel 0.5 of 'x', and half a pixel cannot be cut");
  }
  SUBCASE("outside") {
    const ValueId corner = b.add("a", "crop", {{"pads", std::vector<std::int64_t>{0, 0, 4, 4}}}, {x});
    const ValueId far = b.add("b", "crop", {{"pads", std::vector<std::int64_t>{6, 6, 0, 0}}}, {x});
    CHECK(refusal(corner, far) == "node 'c' cannot cut 'a' to 'b': 'b' ends 4 pixels after 'a'");
  }
}

TEST_CASE("a crop that is not aligned yet neither runs nor has a gradient") {
  test::PassFixture b;
  const ValueId x = b.image("x", {1, 1, 6, 6});
  CHECK_FALSE(b.add("small", "crop", {}, {b.image("s", {1, 1, 4, 4}), x}).valid());
  CHECK(b.diagnostics.all().back().message ==
        "node 'small': expected an input of at least 6 x 6 pixels, the size that it is cut to, got 4 x 4");
  CHECK_FALSE(b.add("both", "crop", {{"pads", std::int64_t{1}}}, {x, x}).valid());
}

}  // namespace
}  // namespace fcngraph
