// SPDX-License-Identifier: Apache-2.0
// Packed weights that are kept beside the weights' file, and weights that stay in it.
#include "packed_folder.h"

#include <doctest/doctest.h>

#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/ops/add.h>
#include <fcngraph/engine/ops/relu.h>
#include <fcngraph/engine/rewriter.h>
#include <fcngraph/reference/backend.h>

#include <cmath>
#include <filesystem>

#include "apply_weights.h"
#include "executor.h"
#include "temporary_folder.h"

namespace fcngraph {
namespace {

namespace fs = std::filesystem;

const TensorType kType{DType::f32, {1, 4, 300, 300}, {}};  // more than is worth keeping

/// y = image + relu(offset), or, where `trained`, + offset itself.
Plan make_plan(bool trained = false) {
  Graph graph("test");
  Diagnostics diagnostics;
  Rewriter r(graph, diagnostics);
  const ValueId image = r.add_input("image", kType);
  const ValueId offset = r.add_parameter("offset", kType, {Initializer::Kind::constant, 0.5}, false);
  const ValueId packed = r.add_value({.name = "packed", .op = &ops::relu(), .attrs = NoAttrs{}, .operands = {offset}});
  const ValueId added = trained ? offset : packed;
  r.set_output("y", r.add_value({.name = "y", .op = &ops::add(), .attrs = NoAttrs{}, .operands = {image, added}}));
  diagnostics.throw_if_errors();
  static const OpTable table;
  CompilerOptions options;
  options.context.backend = &reference_backend();
  options.context.ops = &table;
  return compile(std::move(graph), options);
}

HostTensor numbers(float first, float step) {
  HostTensor out = HostTensor::zeros(kType);
  for (std::int64_t i = 0; i < kType.shape.elements(); ++i)
    out.as<float>()[i] = first + step * static_cast<float>(i % 1000);
  return out;
}

void save_weights(const std::string& path, float first) {
  Weights weights;
  weights.set("offset", numbers(first, 0.25f));
  weights.save(path);
}

std::shared_ptr<TensorStore> new_store() {
  auto store = std::make_shared<TensorStore>(reference_backend(), DeviceOptions{});
  store->keeps_packed = true;
  return store;
}

/// A new start on a file of weights: its result, and how many setup steps it ran.
struct Start {
  std::vector<std::byte> y;
  std::int64_t setup_runs = 0;
  explicit Start(const std::string& path, bool keeps = true) {
    const Plan plan = make_plan();
    const auto store = new_store();
    store->keeps_packed = keeps;
    Executor executor(plan, store);
    apply_weights(executor, Weights::load(path));
    const HostTensor image = numbers(1.0f, 0.5f);
    executor.bind(0, image.data);
    executor.run();
    y = executor.read(0).data;
    setup_runs = executor.setup_runs();
  }
};

std::vector<fs::path> kept_files(const std::string& weights) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(weights + ".packed")) {
    if (entry.path().filename().string().starts_with("packed-")) out.push_back(entry.path());
  }
  return out;
}

TEST_CASE("the second start finds what the first one packed") {
  const TemporaryFolder folder;
  const std::string path = folder / "w.safetensors";
  save_weights(path, -100.0f);
  const Start plain(path, false);
  CHECK(plain.setup_runs == 1);
  CHECK_FALSE(fs::exists(path + ".packed"));
  const Start first(path), second(path);
  CHECK(first.setup_runs == 1);
  CHECK(second.setup_runs == 0);
  CHECK(first.y == plain.y);
  CHECK(second.y == plain.y);
  CHECK(kept_files(path).size() == 1);

  SUBCASE("and makes it again where the folder is gone") {
    fs::remove_all(path + ".packed");
    CHECK(Start(path).setup_runs == 1);
  }
  SUBCASE("or what it holds is cut short") {
    const fs::path kept = kept_files(path)[0];
    fs::resize_file(kept, fs::file_size(kept) - 5);
    const Start third(path);
    CHECK(third.setup_runs == 1);
    CHECK(third.y == plain.y);
    CHECK(Start(path).setup_runs == 0);
  }
  SUBCASE("or is of other contents under the same name") {
    const std::string text = "not what was kept";
    std::ofstream(kept_files(path)[0]) << text;
    const Start third(path);
    CHECK(third.setup_runs == 1);
    CHECK(third.y == plain.y);
  }
  SUBCASE("a file with the same contents needs no packing, one with others does") {
    save_weights(path, -100.0f);
    CHECK(Start(path).setup_runs == 0);
    save_weights(path, -50.0f);
    const Start third(path);
    CHECK(third.setup_runs == 1);
    CHECK(third.y != plain.y);
    CHECK(third.y == Start(path, false).y);
  }
}

TEST_CASE("weights that are not numbers are refused at every start") {
  const TemporaryFolder folder;
  const std::string path = folder / "w.safetensors";
  Weights weights;
  HostTensor bad = numbers(0.0f, 1.0f);
  bad.as<float>()[77] = std::nanf("");
  weights.set("offset", bad);
  weights.save(path);
  for (int i = 0; i < 2; ++i) CHECK(says(message_of<IoError>([&] { (void)Start(path); }), "index 77"));
}

TEST_CASE("nothing is kept where the folder cannot be made, and the run goes on") {
  const TemporaryFolder folder;
  const std::string path = folder / "w.safetensors";
  save_weights(path, -100.0f);
  std::ofstream(path + ".packed") << "a file where the folder would be";
  const Start first(path), second(path);
  CHECK(first.setup_runs == 1);
  CHECK(second.setup_runs == 1);
  CHECK(first.y == Start(path, false).y);
}

TEST_CASE("weights that only setup reads stay in their file, until a program needs them") {
  const TemporaryFolder folder;
  const std::string path = folder / "w.safetensors";
  save_weights(path, -100.0f);
  const Plan plan = make_plan(), other_plan = make_plan(true);
  const auto store = new_store();
  Executor executor(plan, store);
  apply_weights(executor, Weights::load(path));
  const HostTensor image = numbers(1.0f, 0.5f);
  const auto run = [&](Executor& at) {
    at.bind(0, image.data);
    at.run();
    return at.read(0).data;
  };
  const auto before = run(executor);
  SavedTensor& offset = *store->find("offset");
  REQUIRE(offset.mapped != nullptr);

  Executor other(other_plan, store);
  CHECK(offset.mapped == nullptr);
  CHECK(apply_weights(other, {}, Fill::missing).initialised == 0);
  const auto with_offset = run(other);
  CHECK(with_offset != before);
  CHECK(run(executor) == before);

  Weights changed;
  changed.set("offset", numbers(2.0f, 0.0f));
  apply_weights(other, changed);
  CHECK(run(executor) == run(other));
  CHECK(run(executor) != before);
}

}  // namespace
}  // namespace fcngraph
