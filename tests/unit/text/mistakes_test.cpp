// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/text.h>

namespace fcngraph {
namespace {

/// "E0203 3:8" for each mistake of the text, whose first line is the format version unless it has one.
std::vector<std::string> mistakes(std::string text) {
  if (!text.starts_with("fcngraph ")) text = "fcngraph 1\n" + text;
  Diagnostics diagnostics;
  const auto graph = parse_graph(text, "test.graph", OpTable{}, diagnostics);
  CHECK(graph.has_value() == diagnostics.all().empty());
  std::vector<std::string> out;
  for (const Diagnostic& d : diagnostics.all()) {
    CHECK(d.span.file->path == "test.graph");
    out.push_back(d.code + " " + std::to_string(d.span.line) + ":" + std::to_string(d.span.column));
  }
  return out;
}
using List = std::vector<std::string>;

TEST_CASE("a newer format is refused with a sentence") {
  Diagnostics diagnostics;
  CHECK_FALSE(parse_graph("fcngraph 2\ngraph g {\n}\n", "new.graph", OpTable{}, diagnostics));
  CHECK(render(diagnostics.all())
            .find("new.graph:1:10: error[E0102]: the file has format 2, this library reads formats "
                  "up to 1") == 0);
  CHECK(mistakes("fcngraph 0\ngraph g {\n}\n") == List{"E0102 1:10"});
  CHECK(mistakes("graph g {\n}\n").empty());
  CHECK(mistakes("fcngraph one\n") == List{"E0101 1:10"});
}

TEST_CASE("every line that has a mistake is reported, and what hangs on it is not") {
  CHECK(mistakes(R"(graph g {
  input x : f32[1, 3
  input y : f33[1]
  a = rleu(x) : f32[1]
  b = relu(a) : f32[1]
  c = relu(z) : f32[1]
  d = relu(b) {slope = 2} : f32[1]
  output out = d
}
)") == List{"E0101 3:21", "E0101 4:13", "E0202 5:7", "E0203 7:12"});
}

TEST_CASE("what is written is held against what the op makes") {
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = relu(x) : f32[3]\n}\n") == List{"E0112 4:17"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = relu(x) : f64[2]\n}\n") == List{"E0112 4:17"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y, z = relu(x) : f32[2]\n}\n") == List{"E0112 4:3"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = relu(x) : f32[2], f32[2]\n}\n") == List{"E0112 4:3"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = relu(x, x) : f32[2]\n}\n") == List{"E0301 4:7"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = relu() : f32[2]\n}\n") == List{"E0301 4:3"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = relu(_) : f32[2]\n}\n") == List{"E0301 4:3"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = softmax(x) {axis = \"up\"} : f32[2]\n}\n").size() == 1);
}

TEST_CASE("names are taken once") {
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  input x : f32[2]\n}\n") == List{"E0201 4:9"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  x = relu(x) : f32[2]\n}\n") == List{"E0201 4:3"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y, y = relu(x) : f32[2]\n}\n") == List{"E0201 4:3"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  output y = x\n  output y = x\n}\n") == List{"E0201 5:10"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  alias x = x\n}\n") == List{"E0201 4:9"});
}

TEST_CASE("constants have as much data as their type takes") {
  CHECK(mistakes("graph g {\n  constant c : f32[2] = [1, 2]\n  output c = c\n}\n").empty());
  CHECK(mistakes("graph g {\n  constant c : f32[2] = [1]\n}\n") == List{"E0106 3:25"});
  CHECK(mistakes("graph g {\n  constant c : f32[] = hex \"0000803\"\n}\n") == List{"E0106 3:28"});
  CHECK(mistakes("graph g {\n  constant c : u8[] = 256\n}\n") == List{"E0106 3:23"});
  CHECK(mistakes("graph g {\n  constant c : f32[1000000000000] = [1]\n}\n") == List{"E0106 3:37"});
}

TEST_CASE("mistakes of single characters are at their place") {
  CHECK(mistakes("graph g {\n  input \"x : f32[2]\n}\n").front() == "E0101 3:9");
  CHECK(mistakes("graph g {\n  input \"\\q\" : f32[2]\n}\n") == List{"E0101 3:10"});
  CHECK(mistakes("graph g {\n  input x ; f32[2]\n}\n") == List{"E0101 3:11"});
  CHECK(mistakes("graph g {\n  input x : f32[0]\n}\n") == List{"E0108 3:17"});
  CHECK(mistakes("graph g {\n  phase sideways\n}\n") == List{"E0109 3:9"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = relu(x) : f32[2] workspace -1\n}\n") == List{"E0108 4:24"});
  CHECK(mistakes("graph g {\n") == List{"E0101 2:9"});
  CHECK(mistakes("graph g {\n}\nmore\n") == List{"E0101 4:1"});
  CHECK(mistakes("") == List{"E0101 2:1"});
}

TEST_CASE("a mistake in a region's body, or before it, does not hide those behind") {
  const std::string body = " body b {\n    input a : f32[2]\n    c = rel(a) : f32[2]\n    output c = c\n  }\n";
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = region(x) : f32[2]" + body + "  z = rellu(x) : f32[2]\n}\n") ==
        List{"E0202 6:9", "E0202 9:7"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = region(q) : f32[2]" + body + "  z = rellu(x) : f32[2]\n}\n") ==
        List{"E0203 4:14", "E0202 9:7"});
  CHECK(mistakes("graph g {\n  input x : f32[2]\n  y = region(x) : f32[2]\n}\n") == List{"E0301 4:3"});
}

TEST_CASE("a mistake says what was meant") {
  Diagnostics diagnostics;
  (void)parse_graph("fcngraph 1\ngraph g {\n  input image : f32[2]\n  y = relu(imgae) : f32[2]\n}\n", "t.graph",
                    OpTable{}, diagnostics);
  CHECK(render(diagnostics.all()) ==
        "t.graph:4:12: error[E0203]: there is no value 'imgae' above this line\n"
        "   4 |   y = relu(imgae) : f32[2]\n"
        "     |            ^^^^^ did you mean 'image'?");
}

}  // namespace
}  // namespace fcngraph
