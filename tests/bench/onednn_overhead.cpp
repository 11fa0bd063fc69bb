// SPDX-License-Identifier: Apache-2.0
// What the engine adds to oneDNN: one forward pass of graphs/fcn8s.toml against the bare primitives of the same convolutions, in the
// formats that oneDNN likes best, run alternately. And what numbers cost that are too small for all of their bits.
//   fcngraph_bench [ROUNDS]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/plan.h>
#include <fcngraph/engine/random.h>
#include <fcngraph/fcngraph.h>

#include "compat.h"
#include "timing.h"

namespace {

namespace compat = fcngraph::onednn::compat;
using fcngraph::bench::Clock;
using fcngraph::bench::median;
using fcngraph::bench::seconds_since;

/// The convolutions of a plan as primitives on memory of their own.
class BareConvolutions {
 public:
  explicit BareConvolutions(const fcngraph::Plan& plan) {
    for (const fcngraph::Step& step : plan.steps) {
      const auto& node = plan.graph.node(step.node);
      if (node.op == &fcngraph::ops::conv2d()) add(plan.view(step), node.attrs.as<fcngraph::Conv2dAttrs>());
    }
  }

  double run() {
    const auto start = Clock::now();
    for (Convolution& c : convolutions_) c.primitive.execute(stream_, c.arguments);
    stream_.wait();
    return seconds_since(start);
  }

  std::size_t size() const { return convolutions_.size(); }

 private:
  struct Convolution {
    dnnl::convolution_forward primitive;
    std::unordered_map<int, dnnl::memory> arguments;
  };

  static dnnl::memory::desc any(const fcngraph::Shape& shape) {
    return {{shape.dims().begin(), shape.dims().end()}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::any};
  }

  void add(const fcngraph::StepView& step, const fcngraph::Conv2dAttrs& attrs) {
    const auto& x = step.operands[0]->shape;
    const auto pads = fcngraph::resolve_pads(attrs.window(), x[2], x[3]);
    const compat::Geometry geometry{{attrs.stride.h, attrs.stride.w},
                                    {attrs.dilation.h - 1, attrs.dilation.w - 1},
                                    {pads.top, pads.left},
                                    {pads.bottom, pads.right}};
    dnnl::post_ops post_ops;
    if (attrs.epilogue == fcngraph::Epilogue::relu || attrs.epilogue == fcngraph::Epilogue::add_relu)
      compat::append_relu(post_ops);
    const bool has_bias = step.operands.size() > 2 && step.operands[2] != nullptr;
    const auto bias =
        has_bias ? dnnl::memory::desc({attrs.filters}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::a)
                 : dnnl::memory::desc();
    const auto pd =
        compat::convolution(engine_, {any(x), any(step.operands[1]->shape), bias, any(step.results[0]->shape)},
                            geometry, post_ops, dnnl::prop_kind::forward_inference);
    Convolution c{dnnl::convolution_forward(pd), {}};
    c.arguments = {{DNNL_ARG_SRC, filled(pd.src_desc())},
                   {DNNL_ARG_WEIGHTS, filled(pd.weights_desc())},
                   {DNNL_ARG_DST, filled(pd.dst_desc())},
                   {DNNL_ARG_SCRATCHPAD, filled(pd.scratchpad_desc())}};
    if (has_bias) c.arguments.emplace(DNNL_ARG_BIAS, filled(bias));
    convolutions_.push_back(std::move(c));
  }

  // Denormals or NaN would change the time, so the values are ordinary ones.
  dnnl::memory filled(const dnnl::memory::desc& desc) {
    dnnl::memory memory(desc, engine_);
    auto* data = static_cast<float*>(memory.get_data_handle());
    for (std::size_t i = 0; i < desc.get_size() / sizeof(float); ++i) data[i] = static_cast<float>(i % 7) * 0.01f;
    return memory;
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::vector<Convolution> convolutions_;
};

void compare(const std::string& graph, std::int64_t batch, int rounds) {
  // Like against like: by oneDNN alone.
  const auto model = fcngraph::Model::load(graph, {.set = {"compile.kernels=onednn"}});
  const auto program = model.compile({.mode = fcngraph::Mode::infer, .batch = batch, .backend = "onednn"});
  auto session = program.open();
  std::map<std::string, fcngraph::Tensor> inputs;
  inputs["image"] = fcngraph::Tensor::zeros({fcngraph::DType::f32, {batch, 3, program.height(), program.width()}, {}});
  for (std::int64_t i = 0; i < inputs["image"].type.shape.elements(); ++i)
    inputs["image"].as<float>()[i] = static_cast<float>(fcngraph::random_uniform(1, static_cast<std::uint64_t>(i)));
  BareConvolutions bare(program.plan());
  for (int i = 0; i < 2; ++i) session.step(inputs), bare.run();
  std::vector<double> ours, theirs, ratios;
  for (int i = 0; i < rounds; ++i) {
    const auto start = Clock::now();
    session.step(inputs);
    ours.push_back(seconds_since(start));
    theirs.push_back(bare.run());
    ratios.push_back(ours.back() / theirs.back());
  }
  std::printf(
      "fcn8s 224x224, batch %lld: engine %.1f ms, %zu bare convolutions %.1f ms, ratio %.3f (median of %d pairs)\n",
      static_cast<long long>(batch), 1e3 * median(ours), bare.size(), 1e3 * median(theirs), median(ratios), rounds);
  std::fflush(stdout);
}

/// Images so dark that every number on the way is denormal: a random VGG-19 without biases keeps their magnitude.
void compare_denormals(const std::string& graph, const std::string& kernels, int rounds) {
  const auto model = fcngraph::Model::load(graph, {.set = {"compile.kernels=" + kernels}});
  const auto program = model.compile({.mode = fcngraph::Mode::infer, .batch = 1, .backend = "onednn"});
  auto session = program.open();
  const auto images = [&](double magnitude) {
    std::map<std::string, fcngraph::Tensor> inputs;
    auto& image = inputs["image"];
    image = fcngraph::Tensor::zeros({fcngraph::DType::f32, {1, 3, program.height(), program.width()}, {}});
    for (std::int64_t i = 0; i < image.type.shape.elements(); ++i)
      image.as<float>()[i] =
          static_cast<float>(magnitude * (fcngraph::random_uniform(1, static_cast<std::uint64_t>(i)) - 0.5));
    return inputs;
  };
  const auto ordinary = images(256), denormal = images(1e-39);
  const auto time = [&](const auto& inputs) {
    const auto start = Clock::now();
    session.step(inputs);
    return seconds_since(start);
  };
  for (int i = 0; i < 2; ++i) time(ordinary), time(denormal);
  std::vector<double> ours, theirs, ratios;
  for (int i = 0; i < rounds; ++i) {
    ours.push_back(time(ordinary));
    theirs.push_back(time(denormal));
    ratios.push_back(theirs.back() / ours.back());
  }
  std::printf(
      "fcn8s 224x224, batch 1, kernels %s: ordinary %.1f ms, denormal %.1f ms, ratio %.3f (median of %d pairs)\n",
      kernels.c_str(), 1e3 * median(ours), 1e3 * median(theirs), median(ratios), rounds);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 11;
  const std::string graph = std::string(FCNGRAPH_SOURCE_DIR) + "/graphs/fcn8s.toml";
  compare(graph, 1, rounds);
  compare(graph, 8, rounds);
  compare_denormals(graph, "auto", rounds);
  compare_denormals(graph, "onednn", rounds);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
