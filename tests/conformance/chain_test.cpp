// SPDX-License-Identifier: Apache-2.0
// What one op leaves for another of the same backend alone: max_pool2d's second result.
#include <doctest/doctest.h>

#include <cstring>

#include <fcngraph/engine/ops/pool2d.h>

#include "backends_under_test.h"
#include "step_runner.h"
#include "tolerance.h"

namespace fcngraph::testing {
namespace {

std::unique_ptr<Buffer> buffer_of(Device& device, const TensorType& type) {
  return device.allocate(static_cast<std::size_t>(bytes_of(type)));
}

void take_layouts(const Capability& answer, std::vector<TensorType*> operands, std::vector<TensorType*> results) {
  for (std::size_t i = 0; i < operands.size(); ++i)
    operands[i]->layout = i < answer.operands.size() ? answer.operands[i] : Layout{};
  for (std::size_t i = 0; i < results.size(); ++i)
    results[i]->layout = i < answer.results.size() ? answer.results[i] : Layout{};
}

/// Runs one prepared step on buffers.
void launch(Device& device, const StepView& view, const Capability& answer, std::vector<std::byte*> operands,
            std::vector<std::byte*> results) {
  const auto workspace = device.allocate(static_cast<std::size_t>(answer.workspace));
  const auto kernel = device.prepare(view);
  device.begin_run();
  kernel->launch({operands, results, workspace->device_data()});
  device.synchronize();
  device.end_run();
}

/// grad_x of a pooling on the backend, from x and grad_y, both offered in a layout of their own.
HostTensor pool_and_back(const Backend& backend, const OpCase& one, const HostTensor& x, const HostTensor& grad_y,
                         const TensorType& indices, const Layout& offered) {
  const auto& a = one.attrs.as<MaxPool2dAttrs>();
  const Attrs grad_attrs =
      MaxPool2dGradAttrs{a.kernel, a.stride, a.padding, a.pads, a.ceil, {x.type.shape[2], x.type.shape[3]}};
  const auto device = backend.open({});
  TensorType xt = x.type, yt = grad_y.type, it = indices;
  xt.layout = offered;
  const StepView forward{"pool", &ops::max_pool2d(), &one.attrs, {&xt}, {&yt, &it}, nullptr};
  const Capability pooled = backend.capability(forward, {});
  REQUIRE_MESSAGE(pooled.supported, pooled.reason);
  take_layouts(pooled, {&xt}, {&yt, &it});
  const auto xb = buffer_of(*device, xt), yb = buffer_of(*device, yt), ib = buffer_of(*device, it);
  device->upload(xb->device_data(), reordered(backend, *device, x.data, x.type, xt));
  launch(*device, forward, pooled, {xb->device_data()}, {yb->device_data(), ib->device_data()});

  TensorType gt = yt, rt = x.type;
  const StepView backward{"pool.grad", &ops::max_pool2d_grad(), &grad_attrs, {&gt, &it}, {&rt}, nullptr};
  const Capability back = backend.capability(backward, {});
  REQUIRE_MESSAGE(back.supported, back.reason);
  // Nobody can reorder what only the backend understands.
  if (back.operands.size() > 1) CHECK(back.operands[1] == it.layout);
  take_layouts(back, {&gt, &it}, {&rt});
  const auto gb = buffer_of(*device, gt), rb = buffer_of(*device, rt);
  device->upload(gb->device_data(), reordered(backend, *device, grad_y.data, grad_y.type, gt));
  launch(*device, backward, back, {gb->device_data(), ib->device_data()}, {rb->device_data()});
  std::vector<std::byte> made(rb->size());
  device->download(made, rb->device_data());
  return {x.type, reordered(backend, *device, made, rt, x.type)};
}

TEST_CASE("the gradient of max pooling follows its own indices") {
  const OpDef& pool = ops::max_pool2d();
  for (const Backend* backend : backends_under_test()) {
    CAPTURE(backend->name());
    for (const OpCase& one : pool.cases()) {
      CAPTURE(one.name);
      const Problem problem = make_problem(pool, one, 11);
      const auto reference = run_reference(problem);
      const auto& a = one.attrs.as<MaxPool2dAttrs>();
      const TensorType &x = problem.operands[0].type, &y = problem.results[0];
      const OpCase grads{
          .name = one.name,
          .attrs = MaxPool2dGradAttrs{a.kernel, a.stride, a.padding, a.pads, a.ceil, {x.shape[2], x.shape[3]}},
          .operands = {y, problem.results[1]},
          .absent = {}};
      Problem gradient = make_problem(ops::max_pool2d_grad(), grads, 12);
      gradient.operands[1] = reference[1];
      const auto want = run_reference(in_double(gradient));
      for (const std::string tag : {"", "acdb", "aBcd8b", "aBcd16b"}) {
        if (!tag.empty() && !has_layouts(*backend)) continue;
        CAPTURE(tag);
        const Layout offered = layout_in(tag, x);
        const HostTensor got =
            pool_and_back(*backend, one, problem.operands[0], gradient.operands[0], problem.results[1], offered);
        CHECK(worst_error(got, want[0]) <= tolerance_of("max_pool2d_grad").relative);
      }
    }
  }
}

}  // namespace
}  // namespace fcngraph::testing
