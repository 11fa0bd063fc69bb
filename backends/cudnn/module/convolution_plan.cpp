// SPDX-License-Identifier: Apache-2.0
#include "convolution_plan.h"

#include <cudnn_frontend.h>

#include <unordered_map>

namespace fcngraph::cudnn {
namespace {

namespace fe = cudnn_frontend;
using Tensor = std::shared_ptr<fe::graph::Tensor_attributes>;

fe::DataType_t data_type(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return fe::DataType_t::HALF;
    case DType::bf16:
      return fe::DataType_t::BFLOAT16;
    default:
      return fe::DataType_t::FLOAT;
  }
}

std::vector<std::int64_t> wide(const std::array<std::int32_t, 4>& dims) { return {dims.begin(), dims.end()}; }

/// Channels innermost: NHWC of images, OHWI of weights.
std::vector<std::int64_t> channels_last(const std::array<std::int32_t, 4>& d) {
  const std::int64_t c = d[1], w = d[3], h = d[2];
  return {h * w * c, 1, w * c, c};
}

// Numbers of the tensors, by which addresses are handed over.
enum Uid : std::int64_t { kX = 1, kW, kY, kBias, kAddend };

Tensor tensor(fe::graph::Graph& graph, const char* name, Uid uid, const std::array<std::int32_t, 4>& dims) {
  return graph.tensor(
      fe::graph::Tensor_attributes().set_name(name).set_uid(uid).set_dim(wide(dims)).set_stride(channels_last(dims)));
}

template <class Attributes>
Attributes windowed(Attributes attributes, const PlanKey& key) {
  attributes.set_pre_padding({key.pads[0], key.pads[1]})
      .set_post_padding({key.pads[2], key.pads[3]})
      .set_stride({key.stride[0], key.stride[1]})
      .set_dilation({key.dilation[0], key.dilation[1]});
  return attributes;
}

fe::graph::Pointwise_attributes pointwise(fe::PointwiseMode_t mode) {
  return fe::graph::Pointwise_attributes().set_mode(mode);
}

fe::NumericalNote_t numerical_note(EngineNote note) {
  switch (note) {
    case EngineNote::reduced_precision_reduction:
      return fe::NumericalNote_t::REDUCED_PRECISION_REDUCTION;
    case EngineNote::tensor_core:
      return fe::NumericalNote_t::TENSOR_CORE;
    case EngineNote::down_convert_inputs:
      return fe::NumericalNote_t::DOWN_CONVERT_INPUTS;
    default:
      return fe::NumericalNote_t::NONDETERMINISTIC;
  }
}

void finish(const Tensor& result, Uid uid, const std::array<std::int32_t, 4>& dims, DType storage) {
  result->set_output(true).set_uid(uid).set_dim(wide(dims)).set_stride(channels_last(dims));
  result->set_data_type(data_type(storage));
}

void describe_forward(fe::graph::Graph& graph, const PlanKey& key) {
  const Tensor x = tensor(graph, "x", kX, key.x), w = tensor(graph, "w", kW, key.w);
  Tensor y = graph.conv_fprop(x, w, windowed(fe::graph::Conv_fprop_attributes().set_name("conv"), key));
  if (key.bias) {
    const Tensor bias = tensor(graph, "bias", kBias, {1, key.y[1], 1, 1});
    y = graph.pointwise(y, bias, pointwise(fe::PointwiseMode_t::ADD).set_name("bias"));
  }
  if (key.addend)
    y = graph.pointwise(y, tensor(graph, "addend", kAddend, key.y),
                        pointwise(fe::PointwiseMode_t::ADD).set_name("add"));
  if (key.relu) y = graph.pointwise(y, pointwise(fe::PointwiseMode_t::RELU_FWD).set_name("relu"));
  finish(y, kY, key.y, key.storage);
}

void describe(fe::graph::Graph& graph, const PlanKey& key) {
  // Sums, and what is between fused steps, are in f32 whatever the tensors are stored in.
  graph.set_io_data_type(data_type(key.storage))
      .set_intermediate_data_type(fe::DataType_t::FLOAT)
      .set_compute_data_type(fe::DataType_t::FLOAT);
  switch (key.kind) {
    case ConvolutionKind::forward:
      return describe_forward(graph, key);
    case ConvolutionKind::data_gradient: {
      const Tensor x = graph.conv_dgrad(tensor(graph, "grad_y", kY, key.y), tensor(graph, "w", kW, key.w),
                                        windowed(fe::graph::Conv_dgrad_attributes().set_name("data_gradient"), key));
      return finish(x, kX, key.x, key.storage);
    }
    case ConvolutionKind::weight_gradient: {
      const Tensor w = graph.conv_wgrad(tensor(graph, "grad_y", kY, key.y), tensor(graph, "x", kX, key.x),
                                        windowed(fe::graph::Conv_wgrad_attributes().set_name("weight_gradient"), key));
      return finish(w, kW, key.w, key.storage);
    }
  }
}

}  // namespace

struct ConvolutionPlan::Impl {
  PlanKey key;
  fe::graph::Graph graph;
  bool built = false;
  std::string remark;

  /// Has cuDNN list its engines, without those that the key refuses.
  fe::error_t list_engines(cudnnHandle_t cudnn) {
    auto error = graph.build_operation_graph(cudnn);
    if (error.is_good()) error = graph.create_execution_plans({fe::HeurMode_t::A, fe::HeurMode_t::FALLBACK});
    if (error.is_bad()) return error;
    std::vector<fe::NumericalNote_t> unwanted;
    for (const EngineNote note : refused_notes(key)) unwanted.push_back(numerical_note(note));
    graph.deselect_numeric_notes(unwanted);
    return graph.check_support();
  }
  std::unordered_map<std::int64_t, void*> pack(const ConvolutionPointers& at) const {
    std::unordered_map<std::int64_t, void*> tensors{{kX, at.x}, {kW, at.w}, {kY, at.y}};
    if (key.bias) tensors[kBias] = at.bias;
    if (key.addend) tensors[kAddend] = at.addend;
    return tensors;
  }
  [[noreturn]] void fail(const std::string& what, fe::error_t error) const {
    throw BackendError("cudnn", what + " (" + to_string(key) + "): " + error.get_message());
  }
};

ConvolutionPlan::ConvolutionPlan(const PlanKey& key) : impl_(std::make_unique<Impl>()) {
  impl_->key = key;
  describe(impl_->graph, key);
  if (auto error = impl_->graph.validate(); error.is_bad()) impl_->fail("cudnn_frontend refuses a convolution", error);
}

ConvolutionPlan::~ConvolutionPlan() = default;

// Older parts of cudnn_frontend throw where newer ones return an error.
std::string ConvolutionPlan::build(void* handle) try {
  auto error = impl_->list_engines(static_cast<cudnnHandle_t>(handle));
  if (error.is_good()) error = impl_->graph.build_plans(fe::BuildPlanPolicy_t::HEURISTICS_CHOICE);
  impl_->built = error.is_good();
  return error.is_good() ? std::string() : error.get_message();
} catch (const std::exception& e) {
  return e.what();
}

std::vector<Candidate> ConvolutionPlan::build_candidates(void* handle, std::size_t most, std::string& why) try {
  fe::graph::Graph& graph = impl_->graph;
  std::vector<Candidate> built;
  if (auto error = impl_->list_engines(static_cast<cudnnHandle_t>(handle)); error.is_bad()) {
    why = error.get_message();
    return built;
  }
  const std::int64_t all = graph.get_execution_plan_count();
  for (std::int64_t i = 0; i < all && built.size() < most; ++i) {
    // One that cannot be built, or has a note that the key refuses, is no candidate.
    std::int64_t bytes = 0;
    if (graph.build_plan_at_index(i).is_good() && graph.get_workspace_size_plan_at_index(i, bytes).is_good())
      built.push_back({i, static_cast<std::size_t>(bytes)});
  }
  if (built.empty()) why = "none of " + std::to_string(all) + " engines could be built";
  return built;
} catch (const std::exception& e) {
  why = e.what();
  return {};
}

bool ConvolutionPlan::run_candidate(const Queue& queue, const Candidate& candidate, const ConvolutionPointers& at,
                                    void* workspace) const try {
  auto tensors = impl_->pack(at);
  return impl_->graph
      .execute_plan_at_index(static_cast<cudnnHandle_t>(queue.cudnn), tensors, workspace, candidate.index)
      .is_good();
} catch (const std::exception&) {
  return false;
}

// An engine that is built already is made the plan's by building it again, which does nothing else.
bool ConvolutionPlan::choose(std::int64_t index) {
  impl_->built = impl_->graph.build_plan_at_index(index).is_good();
  return impl_->built;
}

void ConvolutionPlan::say(std::string remark) { impl_->remark = std::move(remark); }

std::vector<std::uint8_t> ConvolutionPlan::bytes() const {
  std::vector<std::uint8_t> out;
  if (!impl_->built || impl_->graph.serialize(out).is_bad()) out.clear();
  return out;
}

bool ConvolutionPlan::restore(void* handle, const std::vector<std::uint8_t>& bytes) try {
  impl_->built = impl_->graph.deserialize(static_cast<cudnnHandle_t>(handle), bytes).is_good();
  return impl_->built;
} catch (const std::exception&) {
  return false;
}

std::size_t ConvolutionPlan::workspace() const {
  std::int64_t bytes = 0;
  if (auto error = impl_->graph.get_workspace_size(bytes); error.is_bad())
    impl_->fail("a convolution has no plan", error);
  return static_cast<std::size_t>(bytes);
}

std::string ConvolutionPlan::name() const {
  std::string name;
  if (impl_->graph.get_plan_name(name).is_bad()) name = "an engine without a name";
  return "cuDNN's " + name + (impl_->remark.empty() ? "" : ", " + impl_->remark);
}

void ConvolutionPlan::run(const Queue& queue, const ConvolutionPointers& at, void* workspace) const {
  auto pack = impl_->pack(at);
  if (auto error = impl_->graph.execute(static_cast<cudnnHandle_t>(queue.cudnn), pack, workspace); error.is_bad())
    impl_->fail("a convolution failed", error);
}

}  // namespace fcngraph::cudnn
