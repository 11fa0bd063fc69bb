// SPDX-License-Identifier: Apache-2.0
// How long models take to compile, primitives and weights apart: graphs/fcn8s.toml, and chains of more and more nodes, whose time
// should grow as their length does.
//   fcngraph_compile_bench [ROUNDS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fcngraph/engine/plan.h>
#include <fcngraph/fcngraph.h>

namespace {

using Clock = std::chrono::steady_clock;

/// The fastest of some rounds: what else the machine does only adds.
template <class F>
double milliseconds(int rounds, const F& f) {
  double best = 1e300;
  for (int i = 0; i < rounds; ++i) {
    const auto start = Clock::now();
    f();
    best = std::min(best, std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  return best;
}

/// 1x1 convolutions and ReLUs, one after the other.
std::string chain(int nodes) {
  std::string text =
      "fcngraph = 1\n[model]\nname = \"chain\"\ntrainable = \"all\"\ninput = { height = 16, width = 16, preprocess = "
      "\"tf\" }\n";
  for (int i = 0; i < nodes; i += 2) {
    const auto name = "layer" + std::to_string(i / 2);
    text += "[[node]]\nname = \"" + name + "\"\nop = \"conv2d\"\nfilters = 8\nkernel = 1\n";
    if (i == 0) text += "inputs = [\"image\"]\n";
    text += "[[node]]\nname = \"" + name + "_act\"\nop = \"relu\"\n";
  }
  return text + "[[head]]\nname = \"scores\"\nfrom = \"layer" + std::to_string((nodes - 1) / 2) +
         "_act\"\n[train]\nbatch = 2\n[data]\nkind = \"synthetic\"\nsize = 16\n";
}

void time_fcn8s(int rounds) {
  const std::string file = std::string(FCNGRAPH_SOURCE_DIR) + "/graphs/fcn8s.toml";
  const auto load = milliseconds(rounds, [&] { (void)fcngraph::Model::load(file); });
  const auto model = fcngraph::Model::load(file);
  std::printf("fcn8s: read in %.1f ms\n", load);
  for (const auto& [name, mode] :
       {std::pair("infer", fcngraph::Mode::infer), std::pair("train", fcngraph::Mode::train)}) {
    std::size_t steps = 0;
    const auto ms = milliseconds(
        rounds, [&, mode = mode] { steps = model.compile({.mode = mode, .backend = "onednn"}).plan().steps.size(); });
    std::printf("fcn8s, %s: %zu steps compiled in %.1f ms\n", name, steps, ms);
  }
}

void time_chain(int nodes, fcngraph::Mode mode, const char* name) {
  const auto model = fcngraph::Model::parse(chain(nodes), ".");
  std::size_t steps = 0;
  const auto ms =
      milliseconds(1, [&] { steps = model.compile({.mode = mode, .backend = "reference"}).plan().steps.size(); });
  std::printf("chain of %d nodes, %s: %zu steps compiled in %.0f ms, %.1f us a step\n", nodes, name, steps, ms,
              1e3 * ms / static_cast<double>(steps));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  time_fcn8s(argc > 1 ? std::max(1, std::atoi(argv[1])) : 5);
  for (const int nodes : {1'000, 2'000, 5'000, 10'000}) time_chain(nodes, fcngraph::Mode::infer, "infer");
  for (const int nodes : {1'000, 2'000, 5'000, 10'000}) time_chain(nodes, fcngraph::Mode::train, "train");
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
