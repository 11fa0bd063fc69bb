// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "pass_fixture.h"

namespace fcngraph {
namespace {

ValueId constant(test::PassFixture& b, const std::string& name, Shape shape, float value) {
  const TensorType type{DType::f32, std::move(shape), {}};
  std::vector<std::byte> data(static_cast<std::size_t>(bytes_of(type)));
  for (std::size_t at = 0; at < data.size(); at += sizeof value) std::memcpy(data.data() + at, &value, sizeof value);
  return b.rewriter.add_constant(name, type, std::move(data));
}

TEST_CASE("fold_constants computes what depends on constants alone, step by step") {
  test::PassFixture b;
  const ValueId two = constant(b, "two", {2, 3}, 2.0f), three = constant(b, "three", {2, 3}, 3.0f);
  const ValueId sum = b.add("sum", "add", {}, {two, three});
  b.rewriter.set_output("y", b.add("twice", "add", {}, {sum, sum}));
  CHECK(b.run(fold_constants));
  CHECK(b.graph.order().size() == 0);
  const Value& folded = b.value("twice");
  CHECK(folded.role == Role::constant);
  CHECK(b.graph.is_output(b.graph.find_value("twice")));
  float last = 0;
  std::memcpy(&last, folded.data.data() + 5 * sizeof last, sizeof last);
  CHECK(last == 10.0f);
  CHECK_FALSE(b.run(fold_constants));
}

TEST_CASE("fold_constants keeps what depends on an input or a parameter") {
  test::PassFixture b;
  const ValueId one = constant(b, "one", {1, 1, 2, 2}, 1.0f);
  b.rewriter.set_output("a", b.add("a", "add", {}, {one, b.image("x", {1, 1, 2, 2})}));
  b.rewriter.set_output("b", b.conv("b", one, {}));
  CHECK_FALSE(b.run(fold_constants));
  CHECK(b.graph.order().size() == 2);
}

TEST_CASE("fold_constants keeps what would be large") {
  test::PassFixture b;
  const ValueId one = constant(b, "one", {1, 1, 128, 128}, 1.0f);
  b.rewriter.set_output("small", b.add("small", "relu", {}, {one}));
  b.rewriter.set_output("large", b.add("large", "upsample", {{"factor", std::int64_t{2}}}, {one}));
  CHECK(b.run(fold_constants));
  REQUIRE(b.graph.order().size() == 1);
  CHECK(b.graph.node(*b.graph.order().begin()).name == "large");
}

}  // namespace
}  // namespace fcngraph
