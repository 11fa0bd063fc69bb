// SPDX-License-Identifier: Apache-2.0
#include "training/loss_look.h"

#include <doctest/doctest.h>

#include <fcngraph/image.h>
#include <fcngraph/model.h>
#include <fcngraph/tensor.h>

#include "session_impl.h"

namespace fcngraph::training {
namespace {

/// 3 classes at stride 4 of 10x10 pixels: a score of 3x3, upsampled to 12x12 and cropped.
Model model(const std::string& kind) {
  return Model::parse(
      "fcngraph = 1\n[model]\nname = \"m\"\ninput = { height = 10, width = 10, preprocess = \"none\" }\n"
      "[[node]]\nname = \"x\"\nop = \"conv2d\"\nfilters = 4\nkernel = 3\nstride = 4\ninit = \"he\"\n"
      "[[head]]\nname = \"h\"\nfrom = \"x\"\nupsample = 4\nscale = 40.0\nupsample_kind = \"" +
          kind + "\"\n[data]\nkind = \"synthetic\"\nclasses = 3\nsize = 10\n",
      ".", {});
}

/// The sample after one run, whether logits are stored or not.
LossSample sample_of(const Model& model, const std::vector<std::string>& fetch, bool expect_region) {
  const Program program =
      model.compile({.mode = Mode::eval, .batch = 2, .backend = "reference", .threads = 1, .fetch = fetch});
  auto session = program.open({}, 5);
  auto look = LossLook::find(program.plan(), "h");
  REQUIRE(look.has_value());
  const auto& step = program.plan().steps[look->step()];
  CHECK((program.plan().graph.node(step.node).op->name == "region") == expect_region);
  LossSample sample(3);
  session.impl().executor.watch(look->step(), false, [&](const LaunchArgs& args) { look->look(args, sample); });
  Tensor image = Tensor::zeros({DType::f32, {2, 3, 10, 10}, {}}), labels = Tensor::zeros({DType::u8, {2, 10, 10}, {}});
  for (int i = 0; i < 600; ++i) image.as<float>()[i] = static_cast<float>(i * 37 % 101) / 50 - 1;
  for (int i = 0; i < 200; ++i) labels.as<std::uint8_t>()[i] = i % 7 == 6 ? kIgnore : static_cast<std::uint8_t>(i % 3);
  session.step({{"image", image}, {"labels", labels}});
  return sample;
}

TEST_CASE("logits that are never stored are sampled as if they were") {
  for (const char* kind : {"bilinear", "nearest"}) {
    CAPTURE(kind);
    const auto fused = sample_of(model(kind), {}, true), stored = sample_of(model(kind), {"h"}, false);
    // A seventh does not count.
    CHECK(fused.pixels > kSampledPixels / 2);
    CHECK(fused.pixels < kSampledPixels);
    CHECK(fused.pixels == stored.pixels);
    CHECK(fused.of_class == stored.of_class);
    CHECK(fused.saturated == stored.saturated);
    CHECK(fused.range_sum == doctest::Approx(stored.range_sum).epsilon(1e-5));
    for (std::size_t c = 0; c < 3; ++c) CHECK(fused.gap_of[c] == doctest::Approx(stored.gap_of[c]).epsilon(1e-5));
  }
}

TEST_CASE("a head that is not there is not looked at") {
  const Program program = model("bilinear").compile({.mode = Mode::eval, .batch = 1, .backend = "reference"});
  CHECK_FALSE(LossLook::find(program.plan(), "g").has_value());
}

}  // namespace
}  // namespace fcngraph::training
