// SPDX-License-Identifier: Apache-2.0
// crop, pad, concat, slice_channels, reorder: numbers move and stay what they are.
#include <fcngraph/engine/ops/concat.h>
#include <fcngraph/engine/ops/crop.h>

#include "answers.h"
#include "kernel_def.h"

namespace fcngraph::cudnn {
namespace {

Capability anyhow(const StepView& step) { return as_it_lies(step); }

/// Where the first element of one tensor lies in the other.
struct Offset {
  std::int64_t c = 0, h = 0, w = 0;
};

template <class T>
void copy_part(const Queue& queue, const Grid& from_grid, const Grid& to_grid, const Grid& part, Offset from_at,
               Offset to_at, const T* from, T* to) {
  launch(queue, part.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = part.place(i);
    const std::int64_t source = from_grid.at({p.n, p.c + from_at.c, p.h + from_at.h, p.w + from_at.w});
    to[to_grid.at({p.n, p.c + to_at.c, p.h + to_at.h, p.w + to_at.w})] = from[source];
  });
}

/// Moves by the size of an element alone.
template <class F>
void with_bits(DType type, F f) {
  switch (size_of(type)) {
    case 1:
      return f(static_cast<std::uint8_t*>(nullptr));
    case 2:
      return f(static_cast<std::uint16_t*>(nullptr));
    case 8:
      return f(static_cast<std::uint64_t*>(nullptr));
    default:
      return f(static_cast<std::uint32_t*>(nullptr));
  }
}

Enqueue prepare_crop(const StepView& step) {
  const Pads& pads = step.attrs->as<CropAttrs>().pads;
  return [x = grid_of(*step.operands[0]), y = grid_of(*step.results[0]), at = Offset{0, pads.top, pads.left},
          type = step.results[0]->dtype](const LaunchArgs& args, const Queue& queue) {
    with_bits(type, [&]<class T>(T*) { copy_part<T>(queue, x, y, y, at, {}, in<T>(args, 0), out<T>(args, 0)); });
  };
}

template <class T>
void pad(const Queue& queue, const Grid& x_grid, const Grid& y_grid, std::int64_t top, std::int64_t left, float value,
         const T* x, T* y) {
  launch(queue, y_grid.elements(), [=] FCNGRAPH_DEVICE(std::int64_t i) {
    const Place p = y_grid.place(i);
    const std::int64_t h = p.h - top, w = p.w - left;
    T& to = y[y_grid.at(p)];
    if (h >= 0 && h < x_grid.h && w >= 0 && w < x_grid.w)
      to = x[x_grid.at({p.n, p.c, h, w})];
    else
      store(to, value);
  });
}

Enqueue prepare_pad(const StepView& step) {
  const auto& a = step.attrs->as<PadAttrs>();
  return [x = grid_of(*step.operands[0]), y = grid_of(*step.results[0]), top = a.pads.top, left = a.pads.left,
          value = static_cast<float>(a.value),
          type = step.results[0]->dtype](const LaunchArgs& args, const Queue& queue) {
    with_storage(type, [&]<class T>(T*) { pad<T>(queue, x, y, top, left, value, in<T>(args, 0), out<T>(args, 0)); });
  };
}

Enqueue prepare_concat(const StepView& step) {
  std::vector<Grid> parts;
  for (const TensorType* type : step.operands) parts.push_back(grid_of(*type));
  return [parts, y = grid_of(*step.results[0]), type = step.results[0]->dtype](const LaunchArgs& args,
                                                                               const Queue& queue) {
    std::int64_t first = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      with_bits(type, [&]<class T>(T*) {
        copy_part<T>(queue, parts[i], y, parts[i], {}, {first, 0, 0}, in<T>(args, i), out<T>(args, 0));
      });
      first += parts[i].c;
    }
  };
}

Enqueue prepare_slice_channels(const StepView& step) {
  return [x = grid_of(*step.operands[0]), y = grid_of(*step.results[0]), type = step.results[0]->dtype,
          first = step.attrs->as<SliceChannelsAttrs>().first](const LaunchArgs& args, const Queue& queue) {
    with_bits(type, [&]<class T>(T*) {
      copy_part<T>(queue, x, y, y, {first, 0, 0}, {}, in<T>(args, 0), out<T>(args, 0));
    });
  };
}

Capability can_reorder(const StepView& step) {
  for (const TensorType* type : {step.operands[0], step.results[0]}) {
    const std::string& tag = type->layout.tag;
    if (!tag.empty() && tag != kChannelsLast && tag != kInputsOutermost)
      return Capability::no("it knows no layout '" + type->layout.tag + "'");
  }
  Capability yes = as_it_lies(step);
  yes.operands = {step.operands[0]->layout};
  yes.results = {step.results[0]->layout};
  return yes;
}

Enqueue prepare_reorder(const StepView& step) {
  return [x = grid_of(*step.operands[0]), y = grid_of(*step.results[0]), type = step.results[0]->dtype](
             const LaunchArgs& args, const Queue& queue) {
    with_bits(type, [&]<class T>(T*) { copy_part<T>(queue, x, y, y, {}, {}, in<T>(args, 0), out<T>(args, 0)); });
  };
}

constexpr KernelDef kTable[] = {
    {"crop", anyhow, prepare_crop},
    {"pad", anyhow, prepare_pad},
    {"concat", anyhow, prepare_concat},
    {"slice_channels", anyhow, prepare_slice_channels},
    {"reorder", can_reorder, prepare_reorder},
};

}  // namespace

std::span<const KernelDef> arranging_kernels() { return kTable; }

}  // namespace fcngraph::cudnn
