// SPDX-License-Identifier: Apache-2.0
#include "plan_key.h"

namespace fcngraph::cudnn {
namespace {

template <std::size_t N>
std::string list(const std::array<std::int32_t, N>& numbers) {
  std::string out;
  for (const std::int32_t n : numbers) out += (out.empty() ? "" : ",") + std::to_string(n);
  return out;
}

}  // namespace

std::string to_string(const PlanKey& key) {
  static constexpr const char* kKinds[] = {"forward", "data_gradient", "weight_gradient"};
  std::string out = std::string(kKinds[static_cast<std::size_t>(key.kind)]) + " " + std::string(name_of(key.storage));
  out += " x " + list(key.x) + " w " + list(key.w) + " y " + list(key.y) + " pads " + list(key.pads) + " stride " +
         list(key.stride) + " dilation " + list(key.dilation);
  for (const auto& [is, word] :
       {std::pair{key.bias, " bias"}, std::pair{key.addend, " add"}, std::pair{key.relu, " relu"},
        std::pair{key.deterministic, " deterministic"}, std::pair{key.autotune, " autotune"}})
    if (is) out += word;
  return out;
}

std::vector<EngineNote> refused_notes(const PlanKey& key) {
  std::vector<EngineNote> notes{EngineNote::reduced_precision_reduction};
  if (key.storage == DType::f32) {
    notes.push_back(EngineNote::tensor_core);
    notes.push_back(EngineNote::down_convert_inputs);
  }
  if (key.deterministic) notes.push_back(EngineNote::nondeterministic);
  return notes;
}

PlanKey without_epilogue(PlanKey key) {
  key.bias = key.addend = key.relu = false;
  return key;
}

}  // namespace fcngraph::cudnn
