// SPDX-License-Identifier: Apache-2.0
// segment_image IMAGE LABELS.png [GRAPH.toml [WEIGHTS]]: labels every pixel of an image of the model's input size. For images of any
// size there is fcngraph::Predictor.
#include <fcngraph/fcngraph.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc < 3) return std::cerr << "usage: segment_image IMAGE LABELS.png [GRAPH.toml [WEIGHTS]]\n", 2;
  const auto model = fcngraph::Model::load(argc > 3 ? argv[3] : "graphs/fcn8s.toml");
  const auto program = model.compile({.mode = fcngraph::Mode::infer, .backend = "auto"});
  auto session = program.open(fcngraph::Weights::load(argc > 4 ? argv[4] : "fcn8s.safetensors"));
  const auto result = session.run({{"image", fcngraph::load_image(argv[1])}});
  fcngraph::save_labels(argv[2], fcngraph::argmax(result[program.outputs().front()]));
} catch (const fcngraph::Error& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
