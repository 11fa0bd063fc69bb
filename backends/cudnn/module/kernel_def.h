// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <fcngraph/engine/backend.h>

#include "launch.h"
#include "update.h"

namespace fcngraph::cudnn {

/// A step made ready: puts its work into the queue and decides nothing.
struct Enqueue {
  Enqueue() = default;
  template <class F>
  Enqueue(F run) : alone(std::move(run)) {}  // NOLINT: conversion is the purpose

  std::function<void(const LaunchArgs&, const Queue&)> alone;
  std::optional<ParameterUpdate> update;  ///< where it is one: those that follow each other run together
};

/// One launch of a run, as it was asked for.
struct Launch {
  const Enqueue* enqueue = nullptr;
  std::vector<std::byte*> operands, results;
  std::byte* workspace = nullptr;

  LaunchArgs args() const { return {operands, results, workspace}; }
};

/// Puts the launches into the queue in their order, updates that follow each other as one.
void enqueue_run(std::span<const Launch> run, const Queue& queue);

/// One op of this backend: what it answers to a proposal, and how it is made ready. Neither touches a device.
struct KernelDef {
  std::string_view op;
  Capability (*capability)(const StepView& step) = nullptr;
  Enqueue (*prepare)(const StepView& step) = nullptr;
};

/// The kernel of our own for an op, by its name: a module has ops of its own. Null for convolutions and for what there is none.
const KernelDef* find_kernel(std::string_view op);

// The families, one file each in kernels/.
std::span<const KernelDef> arranging_kernels();
std::span<const KernelDef> elementwise_kernels();
std::span<const KernelDef> fused_loss_kernels();
std::span<const KernelDef> loss_kernels();
std::span<const KernelDef> normalization_kernels();
std::span<const KernelDef> pixel_kernels();
std::span<const KernelDef> pooling_kernels();
std::span<const KernelDef> reduction_kernels();
std::span<const KernelDef> resizing_kernels();
std::span<const KernelDef> softmax_kernels();
std::span<const KernelDef> update_kernels();

}  // namespace fcngraph::cudnn
