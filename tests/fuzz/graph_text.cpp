// SPDX-License-Identifier: Apache-2.0
// A graph as text: what is read prints and reads back the same.
#include <cstdlib>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/pass.h>
#include <fcngraph/engine/text.h>

#include "target.h"

using namespace fcngraph;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const OpTable ops;
  Diagnostics diagnostics;
  const auto graph = parse_graph(fuzz::text_of(data, size), "fuzz.graph", ops, diagnostics);
  (void)render(diagnostics.all());
  if (graph.has_value() == diagnostics.has_errors()) std::abort();
  if (!graph) return 0;
  verify(*graph, "parsing");
  const std::string text = to_text(*graph);
  // Decimals of a long list are shorter than the hexadecimal that they print as.
  constexpr std::size_t kLargestText = 16U << 20U;
  if (text.size() > kLargestText) return 0;
  const auto again = parse_graph(text, "printed.graph", ops, diagnostics);
  if (!again || to_text(*again) != text) std::abort();
  return 0;
}

std::vector<std::string> fuzz::hostile_inputs() {
  const std::string head = "fcngraph 1\ngraph g {\n  input x : f32[2]\n";
  std::string nodes = head;
  for (int i = 0; i < 400000; ++i) nodes += "n" + std::to_string(i) + "=relu(x):f32[2]\n";
  return {
      head + repeat("{", 10000000),
      head + repeat("y = region(x) : f32[2] body b {\n", 400000),
      head + "y = relu(x) {a = " + repeat("[", 10000000),
      head + "y = add(" + repeat("x, ", 4000000) + "x) : f32[2]\n}\n",
      head + repeat("output a = x\n", 1000000),
      head + repeat("y = relu(z) : f32[2]\n", 700000),
      nodes,
      head + "constant c : f32[2000000] = hex \"" + repeat("00", 8000000 - 200) + "\"\n}\n",
      head + "constant c : f32[1000000] = [" + repeat("1, ", 999999) + "1]\noutput c = c\n}\n",
      head + "constant c : f32[1099511627776] = [1]\n}\n",
      head + "input y : f32[4294967296, 4294967296]\n}\n",
      head + "input y : f32[" + repeat("1, ", 1000000) + "1]\n}\n",
      head + "input \"" + repeat("\\q", 5000000) + "\" : f32[2]\n}\n",
      head + repeat("\xff", 10000000),
      std::string(16U << 20U, '\n'),
      std::string((16U << 20U) + 1, ' '),
      "fcngraph 9223372036854775808\ngraph g {\n}\n",
  };
}
