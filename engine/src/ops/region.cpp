// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/ops/region.h>

#include <cstring>

#include <fcngraph/engine/interpret.h>

#include "operand_checks.h"

namespace fcngraph::ops {
namespace {

std::vector<TensorType> infer(const InferContext& c) {
  if (c.body == nullptr) return refuse(c, "a region has no body");
  if (!c.body->values_with(Role::parameter).empty() || !c.body->values_with(Role::state).empty()) {
    return refuse(c, "the body of a region is expected to have no parameters and no states");
  }
  const auto inputs = c.body->values_with(Role::input);
  if (inputs.size() != c.operands.size()) {
    return refuse(c, "expected " + std::to_string(inputs.size()) + " operands, one for each input of the body, got " +
                         std::to_string(c.operands.size()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!expect_same(c, i, c.body->value(inputs[i]).type)) return {};
  }
  if (c.body->outputs().empty()) return refuse(c, "the body of a region has no output");
  std::vector<TensorType> types;
  for (const auto& [name, value] : c.body->outputs()) {
    const TensorType& type = c.body->value(value).type;
    types.push_back(plain(type.dtype, type.shape));
  }
  return types;
}

// The body's own nodes say in which precision they run.
void run(const ReferenceArgs& args) {
  FCNGRAPH_ASSERT(args.body != nullptr, "a region is run without its body");
  const auto inputs = args.body->values_with(Role::input);
  std::map<std::string, HostTensor> bound;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorView& view = args.operands[i];
    HostTensor tensor{plain(view.type->dtype, view.type->shape), {}};
    tensor.data.assign(view.data, view.data + bytes_of(tensor.type));
    bound.emplace(args.body->value(inputs[i]).name, std::move(tensor));
  }
  const auto made = interpret(*args.body, bound);
  const auto& outputs = args.body->outputs();
  for (std::size_t r = 0; r < outputs.size(); ++r) {
    if (!args.results[r].present()) continue;
    const HostTensor& tensor = made.at(outputs[r].first);
    std::memcpy(args.results[r].data, tensor.data.data(), tensor.data.size());
  }
}

}  // namespace

// A region's meaning is that of a body, which a case cannot carry: regions are tested with the passes that make them.
const OpDef& region() {
  static const OpDef def = OpBuilder<NoAttrs>("region", "A group of nodes that is run as one step.")
                               .inputs("x")
                               .output("y")
                               .infer(infer)
                               .reference(run, run)
                               .internal()
                               .build();
  return def;
}

}  // namespace fcngraph::ops
