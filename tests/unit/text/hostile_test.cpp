// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/text.h>

namespace fcngraph {
namespace {

/// Whether the text has mistakes, and few enough to read.
std::size_t mistakes(const std::string& text) {
  Diagnostics diagnostics;
  (void)parse_graph(text, "hostile.graph", OpTable{}, diagnostics);
  (void)render(diagnostics.all());
  CHECK(diagnostics.all().size() <= 52);
  return diagnostics.error_count();
}

std::string repeat(const std::string& part, std::size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

const std::string kHead = "fcngraph 1\ngraph g {\n  input x : f32[2]\n";

TEST_CASE("deep nesting ends at a stated depth") {
  for (const std::size_t depth : {8U, 9U, 100000U}) {
    std::string text = kHead;
    for (std::size_t i = 0; i < depth; ++i) text += "y = region(x) : f32[2] body b {\ninput x : f32[2]\n";
    text += "y = relu(x) : f32[2]\noutput y = y\n" + repeat("}\noutput y = y\n", depth) + "}\n";
    CHECK((mistakes(text) == 0) == (depth <= 8));
  }
  CHECK(mistakes(kHead + repeat("{", 1000000)) > 0);
  CHECK(mistakes(kHead + "y = relu(x) {a = " + repeat("[", 1000000)) > 0);
}

TEST_CASE("sizes that overflow are mistakes") {
  for (const char* type :
       {"f32[9223372036854775807]", "f32[9223372036854775808]", "f32[4294967296, 4294967296]",
        "f32[1, 1, 1, 1, 1, 1, 1, 1, 1]", "f64[1099511627776, 16]", "f32[2]{t, 9223372036854775807 bytes}", "f32[-1]"})
    CHECK_MESSAGE(mistakes("fcngraph 1\ngraph g {\n  input x : " + std::string(type) + "\n}\n") == 1, type);
  // An op that makes more of it.
  CHECK(
      mistakes("fcngraph 1\ngraph g {\n  input x : f32[1, 1, 1048576, 1048576]\n  y = upsample(x) {factor = 1048576} : "
               "f32[1]\n}\n") == 1);
}

TEST_CASE("a million lines, mistakes or characters end soon") {
  CHECK(mistakes(kHead + repeat("output a = x\n", 1000000)) > 0);
  CHECK(mistakes(kHead + repeat("y = relu(z) : f32[2]\n", 400000)) == 51);
  std::string names = kHead;
  for (int i = 0; i < 250000; ++i) names += "n" + std::to_string(i) + " = relu(x) : f32[2]\n";
  CHECK(mistakes(names + "}\n") == 1);
  CHECK(mistakes(kHead + "input \"" + repeat("\\q", 1000000) + "\" : f32[2]\n}\n") == 1);
  CHECK(mistakes(kHead + repeat("\xff", 1000000) + "\n}\n") == 1);
  CHECK(mistakes(std::string((16U << 20U) + 1, ' ')) == 1);
  CHECK(mistakes(std::string(1000000, '\n')) == 1);
  CHECK(mistakes(kHead + "y = add(" + repeat("x, ", 100000) + "x) : f32[2]\n}\n") <= 1);
}

TEST_CASE("a text that is cut short anywhere is reported") {
  const std::string whole =
      kHead +
      "  trainable parameter w : f32[2] = constant 0.5\n  state s : f32[2]\n"
      "  constant c : f32[2] = hex \"0000803f0000803f\"\n"
      "  y = region(x, c) : f32[2] by k because \"r\" workspace 3 body b {\n"
      "    input a : f32[2]\n    input b : f32[2]\n    z = add(a, b) : f32[2]\n    output z = z\n  }\n"
      "  phase update\n  q = relu(y) : f32[2]{t, 8 bytes}\n  output q = q\n  alias r = q\n}";
  CHECK(mistakes(whole) == 0);
  for (std::size_t length = 0; length < whole.size(); ++length) CHECK(mistakes(whole.substr(0, length)) > 0);
}

}  // namespace
}  // namespace fcngraph
