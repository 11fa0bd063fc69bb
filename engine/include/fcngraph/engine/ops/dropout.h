// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <fcngraph/engine/op.h>
#include <fcngraph/engine/random.h>

namespace fcngraph {

struct DropoutAttrs {
  double rate = 0.5;
  std::string key;
  static constexpr auto fields() {
    return std::tuple{Field{"rate", &DropoutAttrs::rate, "share of the elements that are dropped, in [0, 1)"},
                      Field{"key", &DropoutAttrs::key, "name that the random numbers are keyed by; the node's name"}};
  }
};

/// The stream of random numbers of one sample: `sample_key` stands for (seed, epoch, sample index), `key` for the node.
constexpr std::uint64_t dropout_stream(std::int64_t sample_key, std::string_view key) noexcept {
  return random_key(static_cast<std::uint64_t>(sample_key), key);
}
/// Whether the element at `index` = (h * W + w) * C + c of its sample is kept.
constexpr bool dropout_keeps(std::uint64_t stream, std::int64_t index, double rate) noexcept {
  return random_uniform(stream, static_cast<std::uint64_t>(index)) >= rate;
}

namespace ops {

/// (x, keys i64[N]) -> y = x * (1 / (1 - rate)) where the element is kept, else 0. x [N,C], [N,C,L] or [N,C,H,W].
/// What is kept follows from the sample's key, the attribute `key` and the element's place in its sample alone, so
/// that neither the batch, its order nor the layout in memory matters. Its gradient is itself, on the gradient of y.
FCNGRAPH_API const OpDef& dropout();

}  // namespace ops
}  // namespace fcngraph
