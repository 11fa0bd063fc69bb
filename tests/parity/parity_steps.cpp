// SPDX-License-Identifier: Apache-2.0
// Runs a model on given samples and writes what came of it, so that the scripts beside it can compare it with Keras:
//   parity_steps train GRAPH WEIGHTS SAMPLES OUT [backend=B] [batch=N] [fetch=A,B] [steps=N] [lr=X] [seed=N] [--set KEY=VALUE...]
//   parity_steps infer GRAPH WEIGHTS SAMPLES OUT [backend=B] [batch=N] [fetch=A,B] [heads=A,B] [--set KEY=VALUE...]
// WEIGHTS are files, each anything that --weights of `fcngraph run` takes, separated by commas; SAMPLES and OUT are safetensors, as training_steps.h says.
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "training_steps.h"

namespace {

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream in(list);
  for (std::string name; std::getline(in, name, ',');) names.push_back(name);
  return names;
}

int usage() {
  std::cerr << "usage: parity_steps train|infer GRAPH WEIGHTS SAMPLES OUT [NAME=VALUE...] [--set KEY=VALUE...]\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 5) return usage();
  std::map<std::string, std::string> given;
  fcngraph::LoadOptions load;
  bool settings = false;
  for (std::size_t i = 5; i < arguments.size(); ++i) {
    if (arguments[i] == "--set") {
      settings = true;
    } else if (settings) {
      load.set.push_back(arguments[i]);
    } else {
      const auto equals = arguments[i].find('=');
      if (equals == std::string::npos) return usage();
      given[arguments[i].substr(0, equals)] = arguments[i].substr(equals + 1);
    }
  }
  fcngraph::parity::StepOptions options;
  if (given.contains("backend")) options.backend = given["backend"];
  if (given.contains("batch")) options.batch = std::stoll(given["batch"]);
  if (given.contains("steps")) options.steps = std::stoll(given["steps"]);
  if (given.contains("lr")) options.lr = std::stod(given["lr"]);
  options.heads = names_in(given["heads"]);
  options.fetch = names_in(given["fetch"]);
  if (given.contains("seed")) options.seed = std::stoull(given["seed"]);

  const auto model = fcngraph::Model::load(arguments[1], load);
  const auto files = names_in(arguments[2]);
  if (files.empty()) return usage();
  auto weights = fcngraph::Weights::load(files.front());  // whose metadata say by which names its layers go
  for (std::size_t i = 1; i < files.size(); ++i) weights.merge(fcngraph::Weights::load(files[i]));
  const auto samples = fcngraph::Weights::map(arguments[3]);
  const auto run = arguments[0] == "infer" ? fcngraph::parity::infer : fcngraph::parity::train;
  run(model, weights, samples, options).save(arguments[4]);
} catch (const fcngraph::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
