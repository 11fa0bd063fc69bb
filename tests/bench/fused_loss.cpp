// SPDX-License-Identifier: Apache-2.0
// What fusing a head's loss saves: forward and backward of upsampling and cross-entropy, with the labels, as one step and as the
// steps that it is made of, run alternately on 32 images.
//   fcngraph_loss_bench [ROUNDS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/ops/argmax.h>
#include <fcngraph/engine/ops/crop.h>
#include <fcngraph/engine/ops/cross_entropy.h>
#include <fcngraph/engine/ops/mean_loss.h>
#include <fcngraph/engine/ops/region.h>
#include <fcngraph/engine/ops/upsample.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/engine/random.h>
#include <fcngraph/onednn/backend.h>

#include "timing.h"

namespace {

using fcngraph::bench::median;

using namespace fcngraph;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kImages = 32;

/// The backend without its fused losses.
class StepByStep final : public Backend {
 public:
  std::string_view name() const override { return onednn_backend().name(); }
  Probe probe() const override { return onednn_backend().probe(); }
  Capability capability(const StepView& step, const KernelPolicy& policy) const override {
    return step.op == &ops::region() ? Capability::no("to compare") : onednn_backend().capability(step, policy);
  }
  std::unique_ptr<Device> open(const DeviceOptions& options) const override { return onednn_backend().open(options); }
};

struct Size {
  std::int64_t classes, side, factor;
};

/// The head "h" on a trainable score.
Graph head(const Size& size) {
  Graph graph("head");
  Diagnostics diagnostics;
  Rewriter r(graph, diagnostics);
  const std::int64_t low = (size.side + size.factor - 1) / size.factor, cut = low * size.factor - size.side;
  const ValueId score = r.add_parameter("score", {DType::f32, {kImages, size.classes, low, low}, {}}, {}, true);
  ValueId logits = r.add_value({"up", &ops::upsample(), UpsampleAttrs{{size.factor, size.factor}}, {score}});
  if (cut > 0) logits = r.add_value({"h", &ops::crop(), CropAttrs{{0, 0, cut, cut}}, {logits}});
  const ValueId labels = r.add_input("labels", {DType::u8, {kImages, size.side, size.side}, {}});
  const ValueId sum = r.add_value({"h.loss_sum", &ops::cross_entropy(), CrossEntropyAttrs{}, {logits, labels}});
  const ValueId count = graph.node(graph.value(sum).producer).results[1];
  r.set_output("loss", r.add_value({"loss", &ops::mean_loss(), NoAttrs{}, {sum, count}}));
  r.set_output("labels.of_head", r.add_value({"h.labels", &ops::argmax(), NoAttrs{}, {logits}}));
  const OpTable ops;
  PassContext context;
  context.ops = &ops;
  differentiate(r, context);
  diagnostics.throw_if_errors();
  return graph;
}

/// A plan with memory and kernels.
class Run {
 public:
  Run(const Graph& graph, const Backend& backend) : device_(backend.open({})) {
    const OpTable ops;
    CompilerOptions options;
    options.context.mode = Mode::eval;
    options.context.backend = &backend;
    options.context.ops = &ops;
    plan_ = compile(graph, options);
    arena_ = device_->allocate(static_cast<std::size_t>(plan_.arena_bytes));
    for (const Slot& slot : plan_.slots) addresses_.push_back(place(slot));
    for (const Step& step : plan_.steps) {
      Launch launch{device_->prepare(plan_.view(step)), {}, {}, arena_->device_data() + step.workspace_offset};
      for (const std::int32_t s : step.operands) launch.operands.push_back(s < 0 ? nullptr : addresses_[s]);
      for (const std::int32_t s : step.results) launch.results.push_back(s < 0 ? nullptr : addresses_[s]);
      launches_.push_back(std::move(launch));
    }
  }

  double milliseconds_an_image() {
    const auto start = Clock::now();
    for (Launch& l : launches_) l.kernel->launch({l.operands, l.results, l.workspace});
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count() / static_cast<double>(kImages);
  }
  double arena_mib() const { return static_cast<double>(plan_.arena_bytes) / (1 << 20); }

 private:
  struct Launch {
    std::unique_ptr<Kernel> kernel;
    std::vector<std::byte*> operands, results;
    std::byte* workspace;
  };

  std::byte* place(const Slot& slot) {
    if (slot.storage == Storage::arena) return arena_->device_data() + slot.offset;
    buffers_.push_back(device_->allocate(static_cast<std::size_t>(slot.bytes)));
    std::byte* at = buffers_.back()->host();
    const std::int64_t count = slot.type.shape.elements();
    for (std::int64_t i = 0; i < count; ++i) {
      const auto counter = static_cast<std::uint64_t>(i);
      // Labels in patches, as in pictures.
      if (slot.type.dtype == DType::u8)
        at[i] = static_cast<std::byte>(random_below(1, counter / 20, 4));
      else
        reinterpret_cast<float*>(at)[i] = static_cast<float>(4 * random_uniform(2, counter) - 2);
    }
    if (slot.storage == Storage::constant) device_->upload(at, plan_.graph.value(slot.value).data);
    return at;
  }

  std::unique_ptr<Device> device_;
  Plan plan_;
  std::unique_ptr<Buffer> arena_;
  std::vector<std::unique_ptr<Buffer>> buffers_;
  std::vector<std::byte*> addresses_;
  std::vector<Launch> launches_;
};

void compare(const Size& size, int rounds) {
  const Graph graph = head(size);
  Run fused(graph, onednn_backend()), apart(graph, StepByStep());
  for (int i = 0; i < 3; ++i) fused.milliseconds_an_image(), apart.milliseconds_an_image();
  std::vector<double> ours, theirs, ratios;
  for (int i = 0; i < rounds; ++i) {
    ours.push_back(fused.milliseconds_an_image());
    theirs.push_back(apart.milliseconds_an_image());
    ratios.push_back(theirs.back() / ours.back());
  }
  std::printf(
      "%3lldx%-3lld %2lld classes, by %2lld: fused %.3f ms an image (arena %.1f MiB), step by step %.3f ms (%.1f MiB), "
      "ratio %.1f\n",
      static_cast<long long>(size.side), static_cast<long long>(size.side), static_cast<long long>(size.classes),
      static_cast<long long>(size.factor), median(ours), fused.arena_mib(), median(theirs), apart.arena_mib(),
      median(ratios));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 21;
  for (const Size& size :
       {Size{4, 224, 8}, Size{4, 224, 16}, Size{4, 224, 32}, Size{4, 250, 8}, Size{21, 224, 8}, Size{4, 224, 2}})
    compare(size, rounds);
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
