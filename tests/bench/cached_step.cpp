// SPDX-License-Identifier: Apache-2.0
// What the feature cache leaves of a training step of graphs/fcn8s.toml at batch 32, against the same step without it and against
// the bare product of fc7, run alternately; with dropout and without; and the joint heads against one of them.
//   fcngraph_cache_bench [ROUNDS]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <dnnl.hpp>

#include "timing.h"
#include "training_inputs.h"

namespace {

using fcngraph::CompileOptions;
using fcngraph::Model;
using fcngraph::Program;
using fcngraph::bench::Clock;
using fcngraph::bench::median;
using fcngraph::bench::seconds_since;

constexpr std::int64_t kBatch = 32;
constexpr std::int64_t kFc7Pixels = 7 * 7;
constexpr std::int64_t kFc7Channels = 4096;

/// Both sides of a model: the whole step, and what is left of it behind the cut.
class Step {
 public:
  Step(const Model& model, bool behind_cut)
      : program_(open(model, behind_cut)),
        session_(program_.open()),
        inputs_(fcngraph::bench::training_inputs(program_, 4)) {}

  double run() {
    ++inputs_["step"].as<std::int64_t>()[0];
    const auto start = Clock::now();
    session_.step(inputs_);
    return seconds_since(start);
  }

 private:
  static Program open(const Model& model, bool behind_cut) {
    CompileOptions options;
    options.mode = fcngraph::Mode::train;
    options.batch = kBatch;
    options.backend = "onednn";
    return behind_cut ? model.compile_split(options).step : model.compile(options);
  }

  Program program_;
  fcngraph::Session session_;
  std::map<std::string, fcngraph::Tensor> inputs_;
};

/// fc7 of one batch as oneDNN's matrix product: (batch * 49, 4096) x (4096, 4096), both in the formats that it likes best.
class BareProduct {
 public:
  BareProduct() {
    using Tag = dnnl::memory::format_tag;
    const auto desc = [](std::int64_t rows, std::int64_t columns) {
      return dnnl::memory::desc({rows, columns}, dnnl::memory::data_type::f32, Tag::any);
    };
    const auto x = desc(kBatch * kFc7Pixels, kFc7Channels), w = desc(kFc7Channels, kFc7Channels);
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::matmul::primitive_desc pd(engine_, x, w, x);
#else
    const dnnl::matmul::primitive_desc pd(dnnl::matmul::desc(x, w, x), engine_);
#endif
    primitive_ = dnnl::matmul(pd);
    arguments_ = {{DNNL_ARG_SRC, filled(pd.src_desc())},
                  {DNNL_ARG_WEIGHTS, filled(pd.weights_desc())},
                  {DNNL_ARG_DST, filled(pd.dst_desc())}};
  }

  double run() {
    const auto start = Clock::now();
    primitive_.execute(stream_, arguments_);
    stream_.wait();
    return seconds_since(start);
  }

 private:
  dnnl::memory filled(const dnnl::memory::desc& desc) {
    dnnl::memory memory(desc, engine_);
    auto* data = static_cast<float*>(memory.get_data_handle());
    for (std::size_t i = 0; i < desc.get_size() / sizeof(float); ++i) data[i] = static_cast<float>(i % 7) * 0.01F;
    return memory;
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::matmul primitive_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

Model fcn8s(std::vector<std::string> set) {
  set.emplace_back("compile.kernels=onednn");
  return Model::load(std::string(FCNGRAPH_SOURCE_DIR) + "/graphs/fcn8s.toml", {.set = std::move(set)});
}

// A cached step is short, so that several fill the time of a whole one.
double cached_median(Step& cached) {
  std::vector<double> seconds(5);
  for (double& s : seconds) s = cached.run();
  return median(seconds);
}

void against_whole(const char* name, const std::vector<std::string>& set, int rounds) {
  const auto model = fcn8s(set);
  Step whole(model, false), cached(model, true);
  BareProduct fc7;
  whole.run(), cached_median(cached), fc7.run();
  std::vector<double> ours, theirs, products, ratios;
  for (int i = 0; i < rounds; ++i) {
    theirs.push_back(whole.run());
    ours.push_back(cached_median(cached));
    products.push_back(fc7.run());
    ratios.push_back(theirs.back() / ours.back());
  }
  std::printf(
      "fcn8s, %s, batch %lld: whole step %.1f ms an image, behind the cut %.2f ms, %.1f times (median of %d pairs)\n",
      name, static_cast<long long>(kBatch), 1e3 * median(theirs) / kBatch, 1e3 * median(ours) / kBatch, median(ratios),
      rounds);
  std::printf("  fc7 as a bare product: %.2f ms an image; 1.3 times that and 1 ms: %.2f ms\n",
              1e3 * median(products) / kBatch, 1.3e3 * median(products) / kBatch + 1);
  std::fflush(stdout);
}

void joint(bool behind_cut, int rounds) {
  Step three(fcn8s({}), behind_cut);
  Step one(fcn8s({"head.fcn32s.loss_weight=0", "head.fcn16s.loss_weight=0"}), behind_cut);
  three.run(), one.run();
  std::vector<double> ratios;
  for (int i = 0; i < rounds; ++i) {
    const double joint = behind_cut ? cached_median(three) : three.run();
    ratios.push_back(joint / (behind_cut ? cached_median(one) : one.run()));
  }
  std::printf("fcn8s, three heads against one, %s: ratio %.3f (median of %d pairs)\n",
              behind_cut ? "behind the cut" : "whole step", median(ratios), rounds);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 3;
  against_whole("dropout on", {}, rounds);
  against_whole("dropout off", {"dense_conv.fc6.dropout=0", "dense_conv.fc7.dropout=0"}, rounds);
  joint(false, rounds);
  joint(true, 3 * rounds);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
