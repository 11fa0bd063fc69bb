// SPDX-License-Identifier: Apache-2.0
// Runs steps on demand, so that a peer can be timed in turn with it: for each line on stdin, a number of steps, it runs so many one
// after the other, each waited for, and prints the seconds that each took. Inputs are random, and copied to the device in each step.
//   gpu_step_server infer|train|cached GRAPH WEIGHTS|- BATCH CLASSES BACKEND PRECISION [KEY=VALUE...]
#include <iostream>
#include <string>
#include <vector>

#include "timing.h"
#include "training_inputs.h"

namespace {

using fcngraph::Model;
using fcngraph::Program;

Program compile(const std::string& kind, const Model& model, const fcngraph::CompileOptions& options) {
  return kind == "cached" ? model.compile_split(options).step : model.compile(options);
}

void serve(const std::vector<std::string>& arguments) {
  const std::string& kind = arguments[0];
  fcngraph::LoadOptions load;
  load.set.assign(arguments.begin() + 7, arguments.end());
  fcngraph::CompileOptions options;
  options.mode = kind == "infer" ? fcngraph::Mode::infer : fcngraph::Mode::train;
  options.batch = std::stoll(arguments[3]);
  options.backend = arguments[5];
  options.precision = arguments[6];
  const auto program = compile(kind, Model::load(arguments[1], load), options);
  auto session = arguments[2] == "-" ? program.open() : program.open(fcngraph::Weights::load(arguments[2]));
  auto inputs = fcngraph::bench::training_inputs(program, std::stoull(arguments[4]));
  std::cout << "ready";
  for (const auto& entry : inputs) std::cout << ' ' << entry.first;
  std::cout << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    for (int i = std::stoi(line); i > 0; --i) {
      if (inputs.contains("step")) ++inputs["step"].as<std::int64_t>()[0];
      const auto start = fcngraph::bench::Clock::now();
      session.step(inputs);
      std::cout << fcngraph::bench::seconds_since(start) << ' ';
    }
    std::cout << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 8) {
    std::cerr
        << "usage: gpu_step_server infer|train|cached GRAPH WEIGHTS|- BATCH CLASSES BACKEND PRECISION [KEY=VALUE...]\n";
    return 2;
  }
  serve({argv + 1, argv + argc});
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
