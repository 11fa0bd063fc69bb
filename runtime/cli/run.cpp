// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include <fcngraph/engine/diagnostics.h>

#include "command.h"

namespace fcngraph::cli {
namespace {

std::vector<Option> options() {
  return {
      {"mode", Arity::one, "MODE", "train, eval, infer or bench", {"train", "eval", "infer", "bench"}},
      {"data", Arity::one, "SPEC", "a data TOML, or KIND:ROOT such as camvid:DIR, instead of the model's"},
      {"weights", Arity::one, "FILE|RUN|random",
       "weights of Keras, .npz or safetensors, or a run's folder: its best checkpoint"},
      {"backend", Arity::one, "NAME", "auto (default), reference, onednn, cudnn"},
      {"precision", Arity::one, "NAME", "f32 (default); others where the backend has them", {"f32", "bf16", "f16"}},
      {"threads", Arity::one, "N", "as many as the machine has"},
      {"size", Arity::one, "HxW|native", "of the input; native: each image's own"},
      {"batch", Arity::one, "N", "images at a time"},
      {"memory-budget", Arity::one, "SIZE", "such as 2GiB: in smaller batches or parts of one, or computing again"},
      {"seed", Arity::one, "N", "of everything random"},
      {"set", Arity::repeated, "A.B.C=VALUE", "changes any key of the model"},
      {"json", Arity::flag, "", "results as one JSON document"},
      {"out", Arity::one, "DIR", "where results go", {}, {"train", "infer"}},
      {"cache",
       Arity::one,
       "off|memory|DIR",
       "of what the frozen part makes of each sample: memory (default of train), or a folder that later runs share",
       {},
       {"train", "eval"}},
      {"metrics",
       Arity::one,
       "NAME",
       "whose definitions of the scores: fcngraph (default), keras, caffe or course",
       {"fcngraph", "keras", "caffe", "course"},
       {"train", "eval"}},
      {"epochs", Arity::one, "N", "instead of the model's", {}, {"train"}},
      {"resume", Arity::one, "RUN", "goes on with a run's folder, bit for bit", {}, {"train"}},
      {"split", Arity::one, "NAME", "val (default), train or test", {"train", "val", "test"}, {"eval"}},
      {"heads", Arity::list, "NAME,...|all", "the head declared last by default", {}, {"infer", "bench"}},
      {"input",
       Arity::many,
       "PATH",
       "images, folders, .npy (NHWC float32, taken as preprocessed), or - for stdin",
       {},
       {"infer"}},
      {"save",
       Arity::list,
       "WHAT,...",
       "labels (default), overlay, probabilities, npy",
       {"labels", "overlay", "probabilities", "npy"},
       {"infer"}},
      {"fetch", Arity::list, "NAME,...", "values of the graph, each as NAME.npy (NHWC float32)", {}, {"infer"}},
      {"iterations", Arity::one, "N", "timed runs (10)", {}, {"bench"}},
      {"step",
       Arity::one,
       "KIND",
       "what is timed: infer (default), train (a whole training step), cached (what is left of it with the cache)",
       {"infer", "train", "cached"},
       {"bench"}},
      {"versus", Arity::one, "A.B.C=VALUE", "the same with a changed key, run in turn", {}, {"bench"}},
      {"profile", Arity::flag, "", "a row a step", {}, {"bench"}},
  };
}

int run(const Arguments& arguments) {
  const auto mode = arguments.text("mode");
  if (mode.empty()) throw UsageError("run lacks its mode: --mode train|eval|infer|bench");
  for (const auto& option : options()) {
    const auto& modes = option.modes;
    if (!arguments.has(option.name) || modes.empty() || std::find(modes.begin(), modes.end(), mode) != modes.end())
      continue;
    throw UsageError(fmt::format("--{} does not go with --mode {}, but with {}", option.name, mode, join(modes)));
  }
  if (mode == "train") return run_train(arguments);
  if (mode == "eval") return run_eval(arguments);
  if (mode == "infer") return run_infer(arguments);
  return run_bench(arguments);
}

}  // namespace

Command run_command() {
  return {"run", "trains, evaluates, applies or times a model", "GRAPH.toml --mode train|eval|infer|bench", options(),
          run};
}

}  // namespace fcngraph::cli
