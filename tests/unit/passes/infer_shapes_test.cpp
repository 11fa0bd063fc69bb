// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/explain_size.h>

#include "pass_fixture.h"

namespace fcngraph {
namespace {

struct Pyramid : test::PassFixture {
  ValueId image32 = image("image", {1, 1, 32, 48});
  ValueId pool(const std::string& name, ValueId x) { return add(name, "max_pool2d", {}, {x}); }
};

TEST_CASE("infer_shapes follows an exchanged operand down to the outputs") {
  Pyramid b;
  const ValueId half = b.pool("half", b.image32);
  const ValueId act = b.add("act", "relu", {}, {half});
  b.rewriter.set_output("y", b.pool("quarter", act));
  b.rewriter.set_operand(b.graph.find_node("act"), 0, b.image32);
  CHECK(b.run(infer_shapes));
  CHECK((b.value("act").type.shape == Shape{1, 1, 32, 48}));
  CHECK((b.value("quarter").type.shape == Shape{1, 1, 16, 24}));
  CHECK_FALSE(b.run(infer_shapes));
}

TEST_CASE("infer_shapes reports every node that does not fit, with what made the sizes") {
  Pyramid b;
  const ValueId half = b.pool("half", b.image32), quarter = b.pool("quarter", half);
  const ValueId sum =
      b.add("sum", "add", {}, {half, b.add("up", "upsample", {{"factor", std::int64_t{2}}}, {quarter})});
  const ValueId other = b.add("other", "add", {}, {quarter, quarter});
  b.rewriter.set_output("y", sum);
  b.rewriter.set_operand(b.graph.find_node("sum"), 1, quarter);
  b.rewriter.set_operand(b.graph.find_node("other"), 0, half);
  b.rewriter.set_output("z", other);
  CHECK_FALSE(b.run(infer_shapes));
  REQUIRE(b.diagnostics.error_count() == 2);
  const Diagnostic& first = b.diagnostics.all()[0];
  CHECK(first.code == "E0301");
  CHECK(first.notes == std::vector<std::string>{
                           "'half' is 16x24 because 'half' halves 32x48 of 'image'",
                           "'quarter' is 8x12 because 'quarter' halves 16x24 and 'half' halves 32x48 of 'image'"});
}

TEST_CASE("the explanation of a size is short, and names what changed it last") {
  Pyramid b;
  ValueId x = b.add("pre", "relu", {}, {b.image32});
  CHECK(explain_size(b.graph, x) == "'pre' is 32x48 as 'image' is");
  CHECK(explain_size(b.graph, b.image32) == "'image' is 32x48");
  x = b.pool("p4", b.pool("p3", b.pool("p2", b.pool("p1", x))));
  x = b.add("up", "upsample", {{"factor", std::int64_t{8}}}, {b.add("act", "relu", {}, {x})});
  x = b.conv("c", x, {{"kernel", std::int64_t{3}}, {"padding", std::string("valid")}});
  CHECK(explain_size(b.graph, x) ==
        "'c' is 14x22 because 'c' turns 16x24 into 14x22, 'up' multiplies 2x3 by 8, 'p4' halves 4x6 and 3 more nodes "
        "change 32x48 "
        "of 'image'");
  CHECK(explain_size(b.graph, b.rewriter.add_scalar("s", 1.0)).empty());
}

}  // namespace
}  // namespace fcngraph
