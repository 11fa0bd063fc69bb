// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/half.h>
#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/ops/cast.h>

#include "available_backends.h"
#include "pass_fixture.h"

namespace fcngraph {
namespace {

/// image -> conv -> relu -> softmax and a second reader of the image and of the relu.
struct Classifier : test::PassFixture {
  test::TalkingBackend backend{[](const StepView&) { return test::TalkingBackend::yes(); }};
  explicit Classifier(DType storage) {
    const ValueId x = image("image", {1, 2, 4, 4});
    const ValueId act = add("act", "relu", {}, {conv("c", x, {{"filters", std::int64_t{2}}})});
    rewriter.set_output("p", add("p", "softmax", {}, {act}));
    rewriter.set_output("act", act);
    rewriter.set_output("d", conv("d", x, {}));
    context.backend = &backend;
    context.precision = precision_policy(storage);
  }
  std::size_t casts() const {
    std::size_t count = 0;
    for (const NodeId id : graph.order()) count += graph.node(id).op == &ops::cast() ? 1 : 0;
    return count;
  }
};

TEST_CASE("apply_precision_policy narrows what the policy names, with one cast a value") {
  Classifier b(DType::bf16);
  CHECK(b.run(apply_precision_policy));
  CHECK(b.value("c").type.dtype == DType::bf16);
  CHECK(b.value("act").type.dtype == DType::bf16);
  CHECK(b.value("p").type.dtype == DType::f32);
  CHECK(b.value("image").type.dtype == DType::f32);
  CHECK(b.value("c.weight").type.dtype == DType::f32);
  // The image once for both convolutions, two weights, the relu once for softmax and the output, the output of `d`.
  CHECK(b.casts() == 5);
  for (const auto& [name, value] : b.graph.outputs()) CHECK(b.graph.value(value).type.dtype == DType::f32);
  CHECK_FALSE(b.run(apply_precision_policy));
}

TEST_CASE("apply_precision_policy leaves f32 and f64 alone") {
  for (const DType storage : {DType::f32, DType::f64}) {
    Classifier b(storage);
    CHECK_FALSE(b.run(apply_precision_policy));
    CHECK(b.casts() == 0);
  }
}

TEST_CASE("apply_precision_policy keeps sums of losses in f32") {
  test::PassFixture b;
  const ValueId one = b.rewriter.add_scalar("one", 1.0);
  b.rewriter.set_output("y", b.add("sum", "add", {}, {one, one}));
  b.context.precision = precision_policy(DType::f16);
  CHECK_FALSE(b.run(apply_precision_policy));
}

/// Everything of the classifier at 10, but for these.
std::map<std::string, ValueRange, std::less<>> ranges_of_classifier(
    const std::map<std::string, ValueRange, std::less<>>& others) {
  std::map<std::string, ValueRange, std::less<>> ranges = others;
  for (const char* name : {"image", "c.weight", "d.weight", "c", "act", "p", "d"})
    ranges.try_emplace(name, ValueRange{10, 0});
  return ranges;
}

TEST_CASE("what f16 does not hold stays in f32, and so does what reads it") {
  const ValueRange near{ValueRange::kNear * 1.01F, 0}, broken{10, 1};
  for (const ValueRange& range : {near, broken}) {
    Classifier b(DType::f16);
    b.context.precision.ranges = ranges_of_classifier({{"act", range}});
    CHECK(b.run(apply_precision_policy));
    CHECK(b.value("c").type.dtype == DType::f16);  // it fits; what reads it is told apart
    CHECK(b.value("act").type.dtype == DType::f32);
    CHECK(b.value("d").type.dtype == DType::f16);
    CHECK_FALSE(b.run(apply_precision_policy));
  }
  Classifier image(DType::f16);
  image.context.precision.ranges = ranges_of_classifier({{"image", near}});
  image.run(apply_precision_policy);
  CHECK(image.value("c").type.dtype == DType::f32);
  CHECK(image.value("act").type.dtype == DType::f16);
  CHECK(image.value("d").type.dtype == DType::f32);
  Classifier weight(DType::f16);
  weight.context.precision.ranges = ranges_of_classifier({{"d.weight", near}});
  weight.run(apply_precision_policy);
  CHECK(weight.value("c").type.dtype == DType::f16);
  CHECK(weight.value("d").type.dtype == DType::f32);
}

TEST_CASE("ranges that fit change nothing, nor do any where the exponent is that of f32") {
  Classifier fits(DType::f16), bf16(DType::bf16);
  fits.context.precision.ranges = ranges_of_classifier({{"act", {ValueRange::kNear, 0}}});
  bf16.context.precision.ranges = ranges_of_classifier({{"act", {1e30F, 7}}});
  for (Classifier* b : {&fits, &bf16}) {
    b->run(apply_precision_policy);
    CHECK(b->value("act").type.dtype == b->context.precision.storage);
    CHECK(b->casts() == 5);
  }
}

TEST_CASE("ranges without a value of the model are one finding, where they were asked for") {
  Classifier b(DType::f16);
  b.context.precision.ranges = ranges_of_classifier({});
  b.context.precision.ranges.erase("c");
  b.context.precision.ranges.erase("d");
  b.context.precision.ranges_span.line = 3;
  b.run(apply_precision_policy);
  REQUIRE(b.diagnostics.error_count() == 1);
  CHECK(b.diagnostics.all()[0].code == "E0307");
  CHECK(b.diagnostics.all()[0].span.line == 3);
  CHECK(b.diagnostics.all()[0].message.find("'c' and 1 more") != std::string::npos);
  CHECK(b.casts() == 0);
}

TEST_CASE("a backend without the type is one finding with its reason") {
  Classifier b(DType::f16);
  const test::TalkingBackend without([](const StepView& step) {
    const bool narrow = step.operands[0]->dtype != DType::f32;
    return narrow ? Capability::no("operand 0: expected f32, got f16") : test::TalkingBackend::yes();
  });
  b.context.backend = &without;
  b.run(apply_precision_policy);
  REQUIRE(b.diagnostics.error_count() == 1);
  CHECK(b.diagnostics.all()[0].code == "E0306");
  CHECK(b.diagnostics.all()[0].message ==
        "precision f16: backend 'talking' cannot run 'conv2d' (node 'c') in it: operand 0: expected f32, got f16");
}

TEST_CASE("the backends of this build refuse 16 bits with a reason") {
  for (const Backend* backend : testing::available_backends()) {
    CAPTURE(backend->name());
    Classifier b(DType::f16);
    b.context.backend = backend;
    b.run(apply_precision_policy);
    REQUIRE(b.diagnostics.error_count() == 1);
    CHECK(b.diagnostics.all()[0].message.find("f16") != std::string::npos);
  }
}

TEST_CASE("cast rounds to the nearest number of its type") {
  test::PassFixture b;
  const ValueId x = b.image("x", {3});
  for (const char* type : {"f16", "bf16", "f64"}) {
    const std::string name = type;
    const ValueId narrow = b.add(name, "cast", {{"to", name}}, {x});
    b.rewriter.set_output(name + ".back", b.add(name + ".back", "cast", {{"to", std::string("f32")}}, {narrow}));
  }
  HostTensor in = HostTensor::zeros({DType::f32, {3}, {}});
  const float given[] = {1.0f / 3.0f, 65504.0f, -0x1.8p-24f};
  std::copy(std::begin(given), std::end(given), in.as<float>());
  auto out = interpret(b.graph, {{"x", in}});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(out.at("f16.back").as<float>()[i] == half_to_float(float_to_half(given[i])));
    CHECK(out.at("bf16.back").as<float>()[i] == bfloat_to_float(float_to_bfloat(given[i])));
    CHECK(out.at("f64.back").as<float>()[i] == given[i]);
  }
  CHECK_FALSE(b.add("i", "cast", {{"to", std::string("i32")}}, {x}).valid());
}

}  // namespace
}  // namespace fcngraph
