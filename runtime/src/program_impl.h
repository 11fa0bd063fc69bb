// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <fcngraph/engine/plan.h>
#include <fcngraph/model.h>
#include <fcngraph/program.h>

#include "data/preprocess.h"

namespace fcngraph {

/// What inputs have to be like, to tell the caller in words.
struct InputRules {
  std::int64_t batch = 1, channels = 3, height = 0, width = 0;
  std::int64_t classes = 0;
  data::Preprocess preprocess = data::Preprocess::none;
};

struct Program::Impl {
  explicit Impl(Model of) : model(std::move(of)) {}

  Model model;  ///< keeps the op table alive that the plan's graph points into
  Plan plan;
  Mode mode = Mode::infer;
  std::int64_t parts = 1;
  int recompute = 0;
  InputRules inputs;
  const Backend* backend = nullptr;
  std::string backend_name, backend_reason;
  KernelPolicy policy;
};

}  // namespace fcngraph
