// SPDX-License-Identifier: Apache-2.0
#include "training_steps.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <vector>

#include <fcngraph/engine/plan.h>
#include <fcngraph/engine/random.h>

namespace fcngraph::parity {
namespace {

const TensorType& type_of(const Program& program, std::int32_t slot) {
  return program.plan().slots[static_cast<std::size_t>(slot)].type;
}

Tensor tensor_of(const TensorType& type) {
  return {type, std::vector<std::byte>(static_cast<std::size_t>(bytes_of(type)))};
}

/// Samples first, first + 1, ... of a tensor of samples.
Tensor samples_of(const Weights& samples, const std::string& name, std::int64_t first, std::int64_t count) {
  TensorType type = samples.type(name);
  std::vector<std::int64_t> dims(type.shape.dims().begin(), type.shape.dims().end());
  if (dims.empty() || dims[0] < first + count) throw GraphError("'" + name + "' has too few samples");
  const auto bytes = samples.bytes(name);
  const auto each = static_cast<std::ptrdiff_t>(bytes.size()) / dims[0];
  dims[0] = count;
  type.shape = Shape(std::move(dims));
  return {type, {bytes.begin() + first * each, bytes.begin() + (first + count) * each}};
}

/// What the step reads of each batch that does not change from epoch to epoch.
std::vector<std::map<std::string, Tensor>> fixed_inputs(const SplitPrograms& programs, const Weights& weights,
                                                        const Weights& samples, const StepOptions& options) {
  const auto batches = samples.type("labels").shape[0] / options.batch;
  if (batches < 1) throw GraphError("there are fewer samples than a batch has");
  std::optional<Session> features;
  if (programs.features && samples.contains("image")) features = programs.features->open(weights, options.seed);
  std::vector<std::map<std::string, Tensor>> all;
  for (std::int64_t b = 0; b < batches; ++b) {
    auto& inputs = all.emplace_back();
    if (features) features->step({{"image", samples_of(samples, "image", b * options.batch, options.batch)}});
    for (const auto& [name, slot] : programs.step.plan().inputs) {
      if (samples.contains(name)) {
        inputs.emplace(name, samples_of(samples, name, b * options.batch, options.batch));
        continue;
      }
      Tensor tensor = tensor_of(type_of(programs.step, slot));
      const auto made = features ? programs.features->outputs() : std::vector<std::string>();
      // Features lie as the step wants them, which may be in a layout of the backend.
      if (std::find(made.begin(), made.end(), name) != made.end()) features->read_samples(name, 0, tensor.data);
      inputs.emplace(name, std::move(tensor));
    }
  }
  return all;
}

/// Learning rate, step and keys of randomness, as in a run: (seed, epoch, sample).
void set_step(std::map<std::string, Tensor>& inputs, const StepOptions& options, std::int64_t step,
              std::int64_t batches) {
  const auto find = [&](const char* name) {
    const auto it = inputs.find(name);
    return it == inputs.end() ? nullptr : &it->second;
  };
  if (Tensor* lr = find("lr")) *lr->as<float>() = static_cast<float>(options.lr);
  if (Tensor* number = find("step")) *number->as<std::int64_t>() = step + 1;
  if (Tensor* keys = find("sample_keys")) {
    const auto epoch = random_key(options.seed, static_cast<std::uint64_t>(step / batches));
    for (std::int64_t i = 0; i < options.batch; ++i) {
      const auto sample = static_cast<std::uint64_t>(step % batches * options.batch + i);
      keys->as<std::int64_t>()[i] = std::bit_cast<std::int64_t>(random_key(epoch, sample));
    }
  }
}

/// A row a step, of one kind of number.
class Log {
 public:
  Log(DType dtype, std::vector<std::int64_t> dims) : tensor_(tensor_of({dtype, Shape(std::move(dims)), {}})) {}
  void add(std::span<const std::byte> row) {
    std::copy(row.begin(), row.end(), tensor_.data.begin() + static_cast<std::ptrdiff_t>(end_));
    end_ += row.size();
  }
  void add(double number) { add(std::as_bytes(std::span(&number, 1))); }
  const Tensor& tensor() const { return tensor_; }

 private:
  Tensor tensor_;
  std::size_t end_ = 0;
};

struct HeadLog {
  std::string name;
  Log losses, accuracies, mean_ious, predictions;

  HeadLog(std::string head, std::int64_t steps, const Shape& labels)
      : name(std::move(head)),
        losses(DType::f64, {steps}),
        accuracies(DType::f64, {steps}),
        mean_ious(DType::f64, {steps}),
        predictions(DType::u8, {steps, labels[0], labels[1], labels[2]}) {}

  void add(const Session& session, const Tensor& labels, std::int64_t classes) {
    const Tensor predicted = session.read(name + ".labels");
    ConfusionMatrix confusion(classes);
    const auto as_labels = [](const Tensor& t) { return std::span(t.as<std::uint8_t>(), t.data.size()); };
    confusion.add(as_labels(labels), as_labels(predicted));
    const Scores scores = confusion.scores(MetricMode::keras);
    losses.add(session.read(name + ".loss").as<float>()[0]);
    accuracies.add(scores.pixel_accuracy);
    mean_ious.add(scores.mean_iou);
    predictions.add(predicted.data);
  }

  void write(Weights& out) const {
    out.set(name + ".losses", losses.tensor());
    out.set(name + ".accuracies", accuracies.tensor());
    out.set(name + ".mean_ious", mean_ious.tensor());
    out.set(name + ".predictions", predictions.tensor());
  }
};

}  // namespace

Weights train(const Model& model, const Weights& weights, const Weights& samples, const StepOptions& options) {
  CompileOptions compile;
  compile.mode = Mode::train;
  compile.batch = options.batch;
  compile.backend = options.backend;
  compile.fetch = options.fetch;
  const SplitPrograms programs = model.compile_split(compile);
  auto inputs = fixed_inputs(programs, weights, samples, options);
  const auto batches = static_cast<std::int64_t>(inputs.size());
  Session session = programs.step.open(weights, options.seed);
  const auto classes = static_cast<std::int64_t>(model.classes().size());
  Log loss(DType::f64, {options.steps});
  std::vector<HeadLog> heads;
  const Shape labels = samples.type("labels").shape;
  for (const auto& head : model.heads())
    heads.emplace_back(head.name, options.steps, Shape{options.batch, labels[1], labels[2]});
  Weights out;
  for (std::int64_t step = 0; step < options.steps; ++step) {
    auto& batch = inputs[static_cast<std::size_t>(step % batches)];
    set_step(batch, options, step, batches);
    session.step(batch);
    loss.add(session.read("loss").as<float>()[0]);
    for (auto& head : heads) head.add(session, batch.at("labels"), classes);
    if (step > 0) continue;
    for (const auto& name : options.fetch) out.set(name, session.read(name));
  }
  out.merge(session.weights());
  out.set("loss", loss.tensor());
  for (const auto& head : heads) head.write(out);
  return out;
}

Weights infer(const Model& model, const Weights& weights, const Weights& samples, const StepOptions& options) {
  CompileOptions compile;
  compile.batch = options.batch;
  compile.backend = options.backend;
  compile.heads = options.heads;
  compile.fetch = options.fetch;
  auto session = model.compile(compile).open(weights, options.seed);
  const Result result = session.run({{"image", samples_of(samples, "image", 0, options.batch)}});
  Weights out;
  for (const auto& [name, tensor] : result.tensors()) out.set(name, tensor);
  return out;
}

}  // namespace fcngraph::parity
