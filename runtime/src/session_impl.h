// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include <fcngraph/program.h>
#include <fcngraph/session.h>

#include "executor.h"
#include "program_impl.h"

namespace fcngraph {

struct Session::Impl {
  Impl(const Program& compiled, const std::shared_ptr<TensorStore>& shared)
      : program(compiled), store(shared), executor(program.impl().plan, shared) {}

  Program program;
  std::shared_ptr<TensorStore> store;
  Executor executor;
  WeightsReport report;
  std::vector<Tensor> kept;  ///< converted inputs of the last run

  /// A run that was begun: its outputs, each filled once the device has passed its point.
  struct Begun {
    std::vector<Tensor> outputs;
    std::vector<Mark> filled;
  };
  std::deque<Begun> begun;
};

}  // namespace fcngraph
