// SPDX-License-Identifier: Apache-2.0
#include "primitive_kernel.h"

#include <cstring>

#include "parallel.h"

namespace fcngraph::onednn {

std::int64_t scratch_bytes(const dnnl::memory::desc& scratchpad) {
  return static_cast<std::int64_t>(scratchpad.get_size());
}

PrimitiveKernel::PrimitiveKernel(const DeviceContext& context, const dnnl::primitive& primitive,
                                 const dnnl::memory::desc& scratchpad)
    : engine_(context.engine), stream_(context.stream), primitive_(primitive) {
  if (scratch_bytes(scratchpad) > 0) bind(Place::workspace, DNNL_ARG_SCRATCHPAD, 0, scratchpad);
}

void PrimitiveKernel::bind(Place place, int argument, std::size_t index, const dnnl::memory::desc& desc) {
  bindings_.push_back({place, index, dnnl::memory(desc, engine_, DNNL_MEMORY_NONE)});
  arguments_.push_back({argument, bindings_.back().memory.get()});
}

PrimitiveKernel& PrimitiveKernel::operand(int argument, std::size_t index, const dnnl::memory::desc& desc) {
  bind(Place::operand, argument, index, desc);
  return *this;
}

PrimitiveKernel& PrimitiveKernel::result(int argument, std::size_t index, const dnnl::memory::desc& desc) {
  if (index == 0) result_bytes_ = desc.get_size();
  bind(Place::result, argument, index, desc);
  return *this;
}

PrimitiveKernel& PrimitiveKernel::add_to_result(std::size_t index) {
  addend_ = static_cast<std::ptrdiff_t>(index);
  return *this;
}

void PrimitiveKernel::launch(const LaunchArgs& args) {
  if (addend_ >= 0) copy_bytes(args.results[0], args.operands[static_cast<std::size_t>(addend_)], result_bytes_);
  for (Binding& b : bindings_) {
    switch (b.place) {
      case Place::operand:
        b.memory.set_data_handle(args.operands[b.index]);
        break;
      case Place::result:
        b.memory.set_data_handle(args.results[b.index]);
        break;
      case Place::workspace:
        b.memory.set_data_handle(args.workspace);
        break;
    }
  }
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(primitive_.get(), stream_.get(), static_cast<int>(arguments_.size()), arguments_.data()),
      "could not execute a primitive");
}

}  // namespace fcngraph::onednn
