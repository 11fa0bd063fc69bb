// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/reorder.h>

#include <cstring>

namespace fcngraph::ops {
namespace {

// A reference tensor is always plain: there is nothing to reorder.
void run(const ReferenceArgs& args) {
  std::memcpy(args.results[0].data, args.operands[0].data, static_cast<std::size_t>(bytes_of(*args.results[0].type)));
}

}  // namespace

const OpDef& reorder() {
  static const OpDef def = OpBuilder<NoAttrs>("reorder", "The same tensor in another layout.")
                               .input("x")
                               .output("y")
                               .infer([](const InferContext& c) {
                                 TensorType type = c.operand(0);
                                 type.layout = {};
                                 return std::vector{type};
                               })
                               .reference(run, run)
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
