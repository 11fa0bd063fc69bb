// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <fcngraph/dataset.h>

#include "command.h"
#include "run_options.h"
#include "terminal.h"

namespace fcngraph::cli {
namespace {

int run(const Arguments& arguments) {
  const auto& words = arguments.positional();
  if (words.size() != 2)
    throw UsageError("data synth takes a layout and a folder: fcngraph data synth pets|camvid DIR");
  SynthesizeOptions options;
  options.train = arguments.integer("train", 0, 1'000'000).value_or(options.train);
  options.val = arguments.integer("val", 0, 1'000'000).value_or(options.val);
  options.vary = static_cast<double>(arguments.integer("vary", 0, 99).value_or(0)) / 100;
  options.seed = static_cast<std::uint64_t>(arguments.integer("seed", 0, INT64_MAX).value_or(0));
  const auto size = choose_size(arguments);
  if (size.native) throw UsageError("--size expects HEIGHTxWIDTH");
  if (size.height > 0) {
    options.height = size.height;
    options.width = size.width;
  }
  synthesize_dataset(words[0], words[1], options);
  print(fmt::format("{}: {} samples to train on, {} to validate\n", words[1], options.train, options.val));
  return kOk;
}

}  // namespace

Command data_synth_command() {
  return {"data synth",
          "writes a data set of the layout of pets or camvid",
          "pets|camvid DIR",
          {{"train", Arity::one, "N", "samples to train on (24)"},
           {"val", Arity::one, "N", "samples to validate (8)"},
           {"size", Arity::one, "HxW", "of the pictures (120x160)"},
           {"vary", Arity::one, "PERCENT", "by which a side may be shorter, a random part of it (0)"},
           {"seed", Arity::one, "N", "of the pictures"}},
          run};
}

}  // namespace fcngraph::cli
