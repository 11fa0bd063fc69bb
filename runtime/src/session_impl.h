// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fcngraph/program.h>
#include <fcngraph/session.h>

#include "device_confusion.h"
#include "executor.h"
#include "pixel_input.h"
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
  /// Made when pixels are first given; null: the host preprocesses them.
  std::optional<std::unique_ptr<PixelInput>> pixels;
  /// By output, made when it is first asked for; null: the pixels are counted on the host.
  std::map<std::string, std::unique_ptr<DeviceConfusion>> confusions;

  /// A run that was begun: its outputs, each filled once the device has passed its point.
  struct Begun {
    std::vector<Tensor> outputs;
    std::vector<Mark> filled;
  };
  std::deque<Begun> begun;
};

}  // namespace fcngraph
