// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcngraph/engine/compiler.h>

#include "load_graph.h"

namespace fcngraph::test {

/// A model of graphs/, compiled for that backend in that precision.
inline Plan compiled(const std::string& file, Mode mode, const Backend& backend, DType precision, std::int64_t batch,
                     std::vector<std::string> set = {}, std::map<std::string, ValueRange, std::less<>> ranges = {},
                     std::vector<std::string> disabled = {}) {
  const auto spec = load_spec(file, std::move(set));
  const OpTable ops;
  CompilerOptions options;
  options.context.mode = mode;
  options.context.backend = &backend;
  options.context.ops = &ops;
  options.context.optimizer = dsl::optimizer_options(spec.train, precision);
  options.context.precision = precision_policy(precision);
  options.context.precision.ranges = std::move(ranges);
  options.pipeline.disabled = std::move(disabled);
  return compile(build(spec, {.mode = mode, .batch = batch, .classes = 4}), options);
}

}  // namespace fcngraph::test
