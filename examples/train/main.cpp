// SPDX-License-Identifier: Apache-2.0
// Trains a model and prints how it does: train_example GRAPH.toml RUN_FOLDER
#include <fcngraph/trainer.h>

#include <iostream>

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: train_example GRAPH.toml RUN_FOLDER\n";
    return 2;
  }
  const auto model = fcngraph::Model::load(argv[1], {.set = {"train.epochs=2"}});

  fcngraph::TrainerOptions options;
  options.out = argv[2];
  options.log = [](std::string_view line) { std::cerr << line << '\n'; };
  options.on_epoch = [](const fcngraph::EpochRecord& epoch) {
    for (const auto& [head, scores] : epoch.heads) {
      std::cout << "epoch " << epoch.epoch << ' ' << head << ": loss " << scores.loss << ", mean IoU "
                << scores.val_mean_iou.value_or(0) << '\n';
    }
  };

  const auto result = fcngraph::Trainer(model, options).run();
  std::cout << "checkpoints and pictures are in " << result.folder.string() << '\n';
} catch (const fcngraph::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
