// SPDX-License-Identifier: Apache-2.0
// Runs training steps on demand, so that another program can interleave them with its own: for each line on stdin it runs one step
// on random data and prints the seconds that it took.
//   train_step_server GRAPH BATCH CLASSES [KEY=VALUE...]
#include <chrono>
#include <iostream>
#include <string>

#include <fcngraph/engine/random.h>
#include <fcngraph/fcngraph.h>

namespace {

fcngraph::Tensor random_image(std::int64_t batch, const fcngraph::Program& program) {
  auto image = fcngraph::Tensor::zeros({fcngraph::DType::f32, {batch, 3, program.height(), program.width()}, {}});
  const std::int64_t count = image.type.shape.elements();
  for (std::int64_t i = 0; i < count; ++i)
    image.as<float>()[i] = static_cast<float>(255 * fcngraph::random_uniform(1, static_cast<std::uint64_t>(i)) - 127);
  return image;
}

fcngraph::Tensor random_labels(std::int64_t batch, const fcngraph::Program& program, std::uint64_t classes) {
  auto labels = fcngraph::Tensor::zeros({fcngraph::DType::u8, {batch, program.height(), program.width()}, {}});
  for (std::size_t i = 0; i < labels.data.size(); ++i)
    labels.data[i] = static_cast<std::byte>(fcngraph::random_below(2, i, classes));
  return labels;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4) {
    std::cerr << "usage: train_step_server GRAPH BATCH CLASSES [KEY=VALUE...]\n";
    return 2;
  }
  fcngraph::LoadOptions load;
  for (int i = 4; i < argc; ++i) load.set.emplace_back(argv[i]);
  const std::int64_t batch = std::stoll(argv[2]);
  const auto model = fcngraph::Model::load(argv[1], load);
  const auto program = model.compile({.mode = fcngraph::Mode::train, .batch = batch});
  auto session = program.open();
  std::map<std::string, fcngraph::Tensor> inputs;
  inputs["image"] = random_image(batch, program);
  inputs["labels"] = random_labels(batch, program, std::stoull(argv[3]));
  inputs["sample_keys"] = fcngraph::Tensor::zeros({fcngraph::DType::i64, fcngraph::Shape{batch}, {}});
  inputs["lr"] = fcngraph::Tensor::zeros({fcngraph::DType::f32, fcngraph::Shape{}, {}});
  inputs["lr"].as<float>()[0] = 1e-5f;
  inputs["step"] = fcngraph::Tensor::zeros({fcngraph::DType::i64, fcngraph::Shape{}, {}});
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
