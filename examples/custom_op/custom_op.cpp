// SPDX-License-Identifier: Apache-2.0
// An op of one's own, y = x / (1 + |x|), used from a model like any other: attributes, shape rule, reference loop, name.
#include <fcngraph/fcngraph.h>

#include <cmath>
#include <iostream>

struct SoftsignAttrs {
  double slope = 1.0;
  static constexpr auto fields() {
    return std::tuple{fcngraph::Field{"slope", &SoftsignAttrs::slope, "slope at zero"}};
  }
};

template <class T>
void run_softsign(const fcngraph::ReferenceArgs& args) {
  const auto slope = static_cast<T>(args.attrs.as<SoftsignAttrs>().slope);
  const T* x = args.operands[0].as<T>();
  T* y = args.results[0].as<T>();
  for (std::int64_t i = 0; i < args.results[0].elements(); ++i) y[i] = slope * x[i] / (1 + std::abs(slope * x[i]));
}

fcngraph::OpDef softsign() {
  return fcngraph::OpBuilder<SoftsignAttrs>("softsign", "x / (1 + |x|), between -1 and 1.")
      .input("x")
      .output("y")
      .infer([](const fcngraph::InferContext& c) { return std::vector{c.operand(0)}; })
      .reference(run_softsign<float>, run_softsign<double>)
      .build();
}

constexpr const char* kModel = R"(
fcngraph = 1
[model]
name = "custom"
input = { height = 32, width = 32, preprocess = "tf" }
[[node]]
name = "features"
op = "conv2d"
inputs = ["image"]
filters = 8
kernel = 3
[[node]]
name = "squashed"
op = "softsign"
slope = 2.0
[[head]]
name = "classes"
from = "squashed"
[data]
kind = "synthetic"
)";

int main() try {
  fcngraph::LoadOptions options;
  options.ops = options.ops.with(softsign());
  const auto model = fcngraph::Model::parse(kModel, ".", options);
  const auto program = model.compile({.backend = "reference", .fetch = {"squashed"}});
  auto session = program.open();
  auto image = fcngraph::make_image(32, 32);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i % 251);
  const auto result = session.run({{"image", image}});
  float largest = 0;
  const auto& squashed = result["squashed"];
  for (std::int64_t i = 0; i < squashed.type.shape.elements(); ++i)
    largest = std::max(largest, std::abs(squashed.as<float>()[i]));
  std::cout << "softsign of " << to_string(squashed.type.shape) << " stays below 1: the largest is " << largest << '\n';
  return largest > 0 && largest < 1 ? 0 : 1;
} catch (const fcngraph::Error& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
