// SPDX-License-Identifier: Apache-2.0
// Runs a forward pass on demand, so that another program can interleave it with its own: runs once on the images of an .npy file
// (float32, [N, H, W, C], preprocessed), writes the first output as .npy, says "ready", and then for each line on stdin runs once more
// and prints the seconds that it took, with the output read back.
//   infer_server GRAPH WEIGHTS IMAGES.npy OUTPUT.npy [PRECISION [KEY=VALUE...]]
#include <algorithm>
#include <iostream>
#include <string>

#include <fcngraph/fcngraph.h>

#include "timing.h"

int main(int argc, char** argv) try {
  if (argc < 5) {
    std::cerr << "usage: infer_server GRAPH WEIGHTS IMAGES.npy OUTPUT.npy [PRECISION [KEY=VALUE...]]\n";
    return 2;
  }
  fcngraph::LoadOptions load;
  load.set.assign(argv + std::min(argc, 6), argv + argc);
  std::map<std::string, fcngraph::Tensor> inputs;
  inputs["image"] = fcngraph::to_nchw(fcngraph::load_npy(argv[3]));
  fcngraph::CompileOptions options{.batch = inputs["image"].type.shape[0], .backend = "onednn"};
  if (argc > 5) options.precision = argv[5];
  const auto program = fcngraph::Model::load(argv[1], load).compile(options);
  auto session = program.open(fcngraph::Weights::load(argv[2]));
  const std::string output = program.outputs().front();
  session.step(inputs);
  fcngraph::save_npy(argv[4], session.read(output));
  std::cout << "ready: " << program.summary() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const auto start = fcngraph::bench::Clock::now();
    session.step(inputs);
    const auto result = session.read(output);
    std::cout << fcngraph::bench::seconds_since(start) << std::endl;
  }
} catch (const fcngraph::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
