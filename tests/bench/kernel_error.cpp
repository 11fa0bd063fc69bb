// SPDX-License-Identifier: Apache-2.0
// How far the default kernels are off: graphs/fcn8s.toml on He-random weights, every tap and head against the reference's loops in f64,
// for each instruction set that this machine has (oneDNN held back as well) and each type that weights may be stored in. The image is
// the last of its batch. Fails where weights in f32 do worse than they must.
//   fcngraph_error_bench
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include <fcngraph/dataset.h>
#include <fcngraph/engine/random.h>
#include <fcngraph/fcngraph.h>

namespace {

using namespace fcngraph;

constexpr double kMostError = 1e-5, kLeastAgreement = 0.9999;
constexpr std::int64_t kSize = 224;
const std::vector<std::string> kTaps = {"block1_pool", "block2_pool", "block3_pool", "block4_pool",
                                        "block5_pool", "fc6",         "fc7"};
const std::vector<std::string> kHeads = {"fcn32s", "fcn16s", "fcn8s"};

Model load_model(const std::string& storage) {
  return Model::load(std::string(FCNGRAPH_SOURCE_DIR) + "/graphs/fcn8s.toml",
                     {.set = {"compile.storage=" + storage, "compile.keep_packed=false"}});
}

CompileOptions options_for(const std::string& backend, std::int64_t batch) {
  CompileOptions options;
  options.batch = batch;
  options.backend = backend;
  options.heads = {"all"};
  options.fetch = kTaps;
  if (backend == "reference") options.precision = "f64";
  return options;
}

/// Heads that fuse start at zero, where nothing can be seen of them.
Weights weights_of(const Model& model) {
  CompileOptions options = options_for("reference", 1);
  options.precision = "f32";
  Weights weights = model.compile(options).open().weights();
  for (const std::string& head : kHeads) {
    const auto name = head + ".weight";
    const TensorType type = {DType::f32, weights.type(name).shape, {}};
    Tensor tensor = Tensor::zeros(type);
    const double bound = std::sqrt(6.0 / static_cast<double>(type.shape[1]));
    const auto key = random_key(0, head);
    for (std::int64_t i = 0; i < type.shape.elements(); ++i)
      tensor.as<float>()[i] = static_cast<float>(bound * (2 * random_uniform(key, static_cast<std::uint64_t>(i)) - 1));
    weights.set(name, std::move(tensor));
  }
  return weights;
}

/// Pictures of the embedded data, those from `first` on, as the model preprocesses them: BGR minus a mean.
Tensor pictures(std::int64_t first, std::int64_t count) {
  constexpr float kMean[] = {103.939F, 116.779F, 123.68F};
  const auto dataset = make_synthetic({.images = first + count, .val_images = 0, .height = kSize, .width = kSize});
  Tensor out = Tensor::zeros({DType::f32, {count, 3, kSize, kSize}, {}});
  float* to = out.as<float>();
  for (std::int64_t n = 0; n < count; ++n) {
    const Image image = dataset->load(Split::train, first + n).image;
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t p = 0; p < kSize * kSize; ++p)
        *to++ = static_cast<float>(image.pixels[3 * p + 2 - c]) - kMean[c];
    }
  }
  return out;
}

using Values = std::map<std::string, std::vector<double>>;

/// What a program makes of the last image of a batch.
Values last_of(const Program& program, const Weights& weights, const Tensor& images) {
  const Result result = program.open(weights).run({{"image", images}});
  Values out;
  for (const auto& [name, tensor] : result.tensors()) {
    const std::int64_t each = tensor.type.shape.elements() / tensor.type.shape[0];
    const std::int64_t from = each * (tensor.type.shape[0] - 1);
    auto& values = out[name];
    for (std::int64_t i = from; i < from + each; ++i)
      values.push_back(tensor.type.dtype == DType::f64 ? tensor.as<double>()[i]
                                                       : static_cast<double>(tensor.as<float>()[i]));
  }
  return out;
}

double relative_rms(const std::vector<double>& got, const std::vector<double>& want) {
  double squares = 0, errors = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    squares += want[i] * want[i];
    errors += (got[i] - want[i]) * (got[i] - want[i]);
  }
  return std::sqrt(errors / squares);
}

double same_class(const std::vector<double>& got, const std::vector<double>& want) {
  constexpr std::size_t kPixels = kSize * kSize;
  const auto best = [](const std::vector<double>& planes, std::size_t p) {
    std::size_t out = p;
    for (std::size_t i = p; i < planes.size(); i += kPixels) out = planes[i] > planes[out] ? i : out;
    return out;
  };
  std::size_t same = 0;
  for (std::size_t p = 0; p < kPixels; ++p) same += best(got, p) == best(want, p) ? 1 : 0;
  return static_cast<double>(same) / kPixels;
}

/// A row for every type of storage and batch; false where f32 is not good enough.
bool compare(const std::string& isa) {
  const Model plain = load_model("f32");
  const Weights weights = weights_of(plain);
  const Values want = last_of(plain.compile(options_for("reference", 1)), weights, pictures(7, 1));
  bool good = true;
  for (const std::string storage : {"f32", "f16", "bf16"}) {
    const Model model = load_model(storage);
    for (const std::int64_t batch : {1, 8}) {
      const Values got = last_of(model.compile(options_for("onednn", batch)), weights, pictures(8 - batch, batch));
      std::printf("| %s | %s | %d |", isa.c_str(), storage.c_str(), static_cast<int>(batch));
      double worst = 0, agreement = 1;
      for (const auto* names : {&kTaps, &kHeads}) {
        for (const std::string& name : *names) {
          const double error = relative_rms(got.at(name), want.at(name));
          worst = std::max(worst, error);
          std::printf(" %.1e |", error);
        }
      }
      for (const std::string& name : kHeads) agreement = std::min(agreement, same_class(got.at(name), want.at(name)));
      std::printf(" %.3f %% |\n", 100 * agreement);
      std::fflush(stdout);
      if (storage == "f32" && (worst > kMostError || agreement < kLeastAgreement)) good = false;
    }
  }
  return good;
}

/// What oneDNN may use is settled when it is first called: each instruction set has a process of its own, which has no threads before it.
bool compare_apart(const std::string& isa, const std::string& onednn_isa) {
  const pid_t child = fork();
  if (child == 0) {
    setenv("FCNGRAPH_ISA", isa.c_str(), 1);
    setenv("ONEDNN_MAX_CPU_ISA", onednn_isa.c_str(), 1);
    int status = 1;
    try {
      status = compare(isa) ? 0 : 1;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", isa.c_str(), error.what());
    }
    std::_Exit(status);
  }
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

int main() try {
  std::printf("| kernels | weights | batch |");
  for (const auto* names : {&kTaps, &kHeads}) {
    for (const std::string& name : *names) std::printf(" %s |", name.c_str());
  }
  std::printf(" same class |\n|---|---|---|%s---|\n", "---|---|---|---|---|---|---|---|---|---|");
  std::fflush(stdout);
  bool good = true;
  const auto flags = environment().isa;
  const auto has = [&](const char* flag) { return std::find(flags.begin(), flags.end(), flag) != flags.end(); };
  if (has("avx512f")) good = compare_apart("avx512", "ALL") && good;
  if (has("avx2")) good = compare_apart("avx2", "AVX2") && good;
  std::printf("%s\n", good ? "every error in f32 is at most 1e-5, and the class the same for 99.99 % of the pixels"
                           : "ERRORS IN f32 ARE LARGER THAN 1e-5, OR CLASSES DIFFER");
  return good ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
