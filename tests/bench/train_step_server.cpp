// SPDX-License-Identifier: Apache-2.0
// Runs training steps on demand, so that another program can interleave them with its own: for each line on stdin it runs one step
// on random data and prints the seconds that it took. With --cached the step is what the feature cache leaves to be computed.
//   train_step_server [--cached] GRAPH BATCH CLASSES [KEY=VALUE...]
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "training_inputs.h"

int main(int argc, char** argv) try {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool cached = !arguments.empty() && arguments.front() == "--cached";
  if (cached) arguments.erase(arguments.begin());
  if (arguments.size() < 3) {
    std::cerr << "usage: train_step_server [--cached] GRAPH BATCH CLASSES [KEY=VALUE...]\n";
    return 2;
  }
  fcngraph::LoadOptions load;
  load.set.assign(arguments.begin() + 3, arguments.end());
  fcngraph::CompileOptions options;
  options.mode = fcngraph::Mode::train;
  options.batch = std::stoll(arguments[1]);
  const auto model = fcngraph::Model::load(arguments[0], load);
  const auto program = cached ? model.compile_split(options).step : model.compile(options);
  auto session = program.open();
  auto inputs = fcngraph::bench::training_inputs(program, std::stoull(arguments[2]));
  std::cout << "ready: " << program.summary() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    ++inputs["step"].as<std::int64_t>()[0];
    const auto start = std::chrono::steady_clock::now();
    session.step(inputs);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::cout << seconds << ' ' << session.read("loss").as<float>()[0] << std::endl;
  }
} catch (const fcngraph::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
