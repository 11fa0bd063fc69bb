// SPDX-License-Identifier: Apache-2.0
// A model file: everything that `fcngraph check` does with it.
#include <fcngraph/dsl/build.h>
#include <fcngraph/dsl/load.h>
#include <fcngraph/engine/error.h>

#include "target.h"

using namespace fcngraph;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Diagnostics diagnostics;
  const auto spec =
      dsl::load_model_text(std::string(fuzz::text_of(data, size)), "fuzz.toml", "/nonexistent", {}, diagnostics);
  if (!diagnostics.has_errors()) {
    static const OpTable ops;
    for (const Mode mode : {Mode::infer, Mode::train}) {
      try {
        (void)dsl::build_graph(spec, {.mode = mode, .batch = 2, .classes = 3}, ops, diagnostics);
      } catch (const GraphError&) {  // what the build promises to throw
      }
    }
  }
  (void)render(diagnostics.all());
  return 0;
}

std::vector<std::string> fuzz::hostile_inputs() {
  const std::string head = "fcngraph = 1\n[model]\nname = \"m\"\ninput = { height = 8, width = 8 }\n";
  const std::string node = "[[node]]\nname = \"c\"\nop = \"conv2d\"\nfilters = 2\n";
  std::string heads = head + node;
  for (int i = 0; i < 200000; ++i)
    heads += "[[head]]\nname = \"h" + std::to_string(i) + "\"\nfrom = \"c\"\nupsample = 1\n";
  return {
      head + "x = " + repeat("[", 1000000),
      head + "x = " + repeat("{ a = ", 100000),
      head + repeat("[a.", 1) + repeat("b.", 100000) + "c]\n",
      head + node + repeat("[[head]]\n", 1000000),
      heads,
      head + repeat("[[node]]\n", 1000000),
      head + "x = \"" + repeat("a", 10000000) + "\"\n",
      head + repeat("x = 1\n", 1000000),
      "fcngraph = 1\n[model]\nname = \"m\"\ninput = { height = 9223372036854775807, width = 8 }\n" + node,
      "fcngraph = 1\n[model]\nname = \"m\"\ninput = { height = 1048576, width = 1048576 }\n" + node +
          "[[node]]\nname = \"u\"\nop = \"upsample\"\nfactor = 4611686018427387904\n",
      head + "[[node]]\nname = \"c{i}\"\nop = \"relu\"\nrepeat = 1000000000\n",
      head + "[[node]]\nname = \"c\"\nop = \"conv2d\"\nfilters = 9223372036854775807\nkernel = 9223372036854775807\n",
      head + "[[node]]\nname = \"c\"\nop = \"pad\"\npads = [4611686018427387904, 4611686018427387904, 1, 1]\n",
  };
}
