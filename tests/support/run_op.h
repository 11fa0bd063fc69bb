// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include <fcngraph/engine/interpret.h>
#include <fcngraph/engine/op.h>

namespace fcngraph::test {

template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>) return DType::f32;
  if constexpr (std::is_same_v<T, double>) return DType::f64;
  if constexpr (std::is_same_v<T, std::int64_t>) return DType::i64;
  if constexpr (std::is_same_v<T, std::int32_t>) return DType::i32;
  if constexpr (std::is_same_v<T, std::uint8_t>) return DType::u8;
}

/// A tensor of these values; their number must be that of the shape.
template <class T>
HostTensor tensor(Shape shape, const std::vector<T>& values) {
  HostTensor out{{dtype_of<T>(), std::move(shape), {}}, std::vector<std::byte>(values.size() * sizeof(T))};
  if (out.type.shape.elements() != static_cast<std::int64_t>(values.size())) throw std::logic_error("tensor of another size");
  if (!values.empty()) std::memcpy(out.data.data(), values.data(), out.data.size());
  return out;
}

template <class T>
HostTensor scalar(T value) {
  return tensor<T>({}, {value});
}

/// The values of a tensor of element type T.
template <class T>
std::vector<T> values(const HostTensor& from) {
  if (from.type.dtype != dtype_of<T>()) throw std::logic_error("tensor of type " + to_string(from.type));
  return {from.as<T>(), from.as<T>() + from.type.shape.elements()};
}

/// An operand of run_op; empty: absent.
using OptionalTensor = std::optional<HostTensor>;

/// The types of an op's results. Throws GraphError with what the shape rule reported.
inline std::vector<TensorType> infer_op(const OpDef& op, const Attrs& attrs, const std::vector<OptionalTensor>& operands) {
  std::vector<const TensorType*> types;
  for (const OptionalTensor& operand : operands) types.push_back(operand ? &operand->type : nullptr);
  while (types.size() < op.operands.size()) types.push_back(nullptr);
  Diagnostics diagnostics;
  const SourceSpan span;
  const std::string name = "node";
  auto results = op.infer({attrs, types, nullptr, name, span, diagnostics});
  diagnostics.throw_if_errors();
  return results;
}

/// One op by its reference loop in f32, or in f64 when its first floating operand is f64. Operands left out are absent.
inline std::vector<HostTensor> run_op(const OpDef& op, const Attrs& attrs, std::vector<OptionalTensor> operands) {
  operands.resize(std::max(operands.size(), op.operands.size()));
  std::vector<HostTensor> results;
  for (const TensorType& type : infer_op(op, attrs, operands)) {
    results.push_back({type, std::vector<std::byte>(static_cast<std::size_t>(bytes_of(type)), std::byte{0xA5})});
  }
  std::vector<TensorView> in, out;
  bool wide = false, decided = false;
  for (OptionalTensor& operand : operands) {
    in.push_back(operand ? TensorView{&operand->type, operand->data.data()} : TensorView{});
    if (!operand || decided || !is_floating(operand->type.dtype)) continue;
    wide = operand->type.dtype == DType::f64;
    decided = true;
  }
  for (HostTensor& result : results) out.push_back({&result.type, result.data.data()});
  (wide ? op.reference_f64 : op.reference_f32)({attrs, in, out, nullptr});
  return results;
}

}  // namespace fcngraph::test
