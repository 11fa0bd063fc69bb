// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

#include "device_context.h"

namespace fcngraph::onednn {

/// A oneDNN primitive whose memory objects are made once; `launch` points them at the step's addresses and runs it.
class PrimitiveKernel final : public Kernel {
 public:
  PrimitiveKernel(const DeviceContext& context, const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad);

  /// Operand or result `index` of the step is oneDNN's argument `argument` (DNNL_ARG_SRC, ...).
  PrimitiveKernel& operand(int argument, std::size_t index, const dnnl::memory::desc& desc);
  PrimitiveKernel& result(int argument, std::size_t index, const dnnl::memory::desc& desc);
  /// Operand `index` is copied into result 0 first: oneDNN's `sum` adds to what is there.
  PrimitiveKernel& add_to_result(std::size_t index);

  void launch(const LaunchArgs& args) override;

 private:
  enum class Place { operand, result, workspace };
  struct Binding {
    Place place;
    std::size_t index;
    dnnl::memory memory;
  };
  void bind(Place place, int argument, std::size_t index, const dnnl::memory::desc& desc);

  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::primitive primitive_;
  std::vector<Binding> bindings_;
  std::vector<dnnl_exec_arg_t> arguments_;
  std::ptrdiff_t addend_ = -1;
  std::size_t result_bytes_ = 0;
};

/// Scratch bytes of a primitive.
std::int64_t scratch_bytes(const dnnl::memory::desc& scratchpad);

}  // namespace fcngraph::onednn
