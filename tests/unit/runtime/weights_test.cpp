// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/weights.h>

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <fcngraph/engine/error.h>
#include <cmath>
#include <numeric>

#include "frozen_reference.h"
#include "hash.h"
#include "temporary_folder.h"

namespace fcngraph {
namespace {

Tensor ramp(Shape shape, float first = 0) {
  Tensor tensor = Tensor::zeros({DType::f32, std::move(shape), {}});
  std::iota(tensor.as<float>(), tensor.as<float>() + tensor.type.shape.elements(), first);
  return tensor;
}

TEST_CASE("weights come back from a file as they were") {
  const TemporaryFolder folder;
  Weights weights;
  weights.set("conv.weight", ramp({2, 3, 1, 1}));
  weights.set("conv.bias", ramp({2}, 7));
  weights.set("step", {{DType::i64, {}, {}}, std::vector<std::byte>(8, std::byte{1})});
  weights.metadata()["epoch"] = "3";
  weights.save(folder / "w.safetensors");

  Weights loaded = Weights::load(folder / "w.safetensors");
  CHECK_EQ(loaded.names(), std::vector<std::string>{"conv.bias", "conv.weight", "step"});
  CHECK_EQ(loaded.metadata().at("epoch"), "3");
  CHECK_EQ(loaded.metadata().at("format_version"), "1");
  CHECK_EQ(loaded.source(), folder / "w.safetensors");
  for (const auto& name : loaded.names()) {
    CHECK_EQ(loaded.type(name), weights.type(name));
    CHECK_EQ(loaded.get(name).data, weights.get(name).data);
  }
  // The mapping outlives both the file and the object that opened it.
  const Weights copy = loaded;
  loaded = Weights();
  std::filesystem::remove(folder / "w.safetensors");
  CHECK_EQ(copy.get("conv.weight").as<float>()[5], 5.0f);
  CHECK(says(message_of<GraphError>([&] { (void)copy.get("conv.wieght"); }), "did you mean 'conv.weight'?"));
}

TEST_CASE("tensors that lie at an odd address are read") {
  const TemporaryFolder folder;
  const std::string header =
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})";
  std::string file(8, '\0');
  file[0] = static_cast<char>(header.size());
  const float value = 1.5f;
  file += header + "x" + std::string(reinterpret_cast<const char*>(&value), 4);
  folder.put("w", file);
  CHECK_EQ(Weights::load(folder / "w").get("w").as<float>()[0], 1.5f);
}

TEST_CASE("f16 and bf16 are widened exactly") {
  const std::vector<std::uint16_t> halves{0x0000, 0x8000, 0x3c00, 0xc000, 0x7bff,
                                          0x0001, 0x03ff, 0x0400, 0x7c00, 0x7e00};
  const std::vector<float> values{0.0f,     -0.0f,           1.0f,     -2.0f,    65504.0f,
                                  0x1p-24f, 1023 * 0x1p-24f, 0x1p-14f, INFINITY, NAN};
  const auto* bytes = reinterpret_cast<const std::byte*>(halves.data());
  Weights weights;
  weights.set("h", {{DType::f16, {10}, {}}, {bytes, bytes + 20}});
  const Tensor wide = weights.get("h");
  for (std::size_t i = 0; i < 9; ++i)
    CHECK_EQ(std::bit_cast<std::uint32_t>(wide.as<float>()[i]), std::bit_cast<std::uint32_t>(values[i]));
  CHECK(std::isnan(wide.as<float>()[9]));
  const std::uint16_t bfloats[2] = {0x3f80, 0xc049};
  const auto* b = reinterpret_cast<const std::byte*>(bfloats);
  weights.set("b", {{DType::bf16, {2}, {}}, {b, b + 4}});
  CHECK_EQ(weights.get("b").as<float>()[0], 1.0f);
  CHECK_EQ(weights.get("b").as<float>()[1], -3.140625f);
}

TEST_CASE("a run's folder means its best checkpoint and the frozen tensors that it refers to") {
  const TemporaryFolder run;
  std::filesystem::create_directories(run / "checkpoints");
  CHECK(says(message_of<IoError>([&] { (void)Weights::load(run.path()); }), "best.safetensors"));
  const auto in = [&](const std::string& name) { return run / ("checkpoints/" + name); };

  Weights frozen;
  frozen.set("backbone.weight", ramp({4}));
  frozen.set("head.weight", ramp({2}, 100));
  frozen.save(in("frozen.safetensors"));
  Weights trained;
  trained.set("head.weight", ramp({2}, 5));
  refer_to_frozen(trained.metadata(), in("frozen.safetensors"), "frozen.safetensors");
  trained.save(in("last.safetensors"));
  CHECK_EQ(Weights::load(run.path()).source(), in("last.safetensors"));
  trained.set("head.weight", ramp({2}, 6));
  trained.save(in("best.safetensors"));

  const Weights both = Weights::load(run.path());
  CHECK_EQ(both.source(), in("best.safetensors"));
  CHECK_EQ(both.get("backbone.weight").as<float>()[3], 3.0f);
  CHECK_EQ(both.get("head.weight").as<float>()[0], 6.0f);

  SUBCASE("another size") { frozen.set("more", ramp({1})); }
  SUBCASE("other tensors") {
    frozen.erase("head.weight");
    frozen.set("neck.weight", ramp({2}));
  }
  frozen.save(in("frozen.safetensors"));
  const std::string message = message_of<IoError>([&] { (void)Weights::load(run.path()); });
  CHECK(says(message, "frozen.safetensors"));
  CHECK(says(message, "best.safetensors"));
  std::filesystem::remove(in("frozen.safetensors"));
  CHECK(says(message_of<IoError>([&] { (void)Weights::load(run.path()); }), "frozen.safetensors: cannot read"));
}

TEST_CASE("a save that fails leaves the old file") {
  const TemporaryFolder folder;
  Weights weights;
  weights.set("w", ramp({4}));
  CHECK_THROWS_AS(weights.save(folder / "no/such/folder/w"), IoError);
  CHECK_THROWS_AS(weights.save("/dev/full/w"), IoError);
  CHECK_THROWS_AS((void)Weights::load(folder / "missing"), IoError);
  CHECK_THROWS_AS(weights.set("bad", Tensor{{DType::f32, {3}, {}}, std::vector<std::byte>(4)}), GraphError);
}

/// Files may not grow beyond a size, as if the disk were full there.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  sighandler_t handler_;
};

TEST_CASE("a disk that is full while saving leaves the old file, and no other") {
  const TemporaryFolder folder;
  Weights weights;
  weights.set("w", ramp({16}));
  weights.save(folder / "w.safetensors");
  const std::string old = TemporaryFolder::read(folder / "w.safetensors");
  weights.set("large", ramp({100'000}));
  {
    const FileSizeLimit limit(4096);
    CHECK_THROWS_AS(weights.save(folder / "w.safetensors"), IoError);
  }
  CHECK_EQ(TemporaryFolder::read(folder / "w.safetensors"), old);
  const std::filesystem::directory_iterator files(folder.path());
  CHECK_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_CASE("merge replaces, erase removes, the hash tells contents apart") {
  Weights a, b;
  a.set("x", ramp({1}, 1));
  a.set("y", ramp({1}, 2));
  b.set("y", ramp({1}, 3));
  a.merge(b);
  CHECK_EQ(a.get("y").as<float>()[0], 3.0f);
  a.erase("x");
  CHECK_FALSE(a.contains("x"));

  std::vector<std::byte> bytes(100);
  const std::uint64_t hash = content_hash(bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = std::byte{1};
    CHECK_NE(content_hash(bytes), hash);
    bytes[i] = std::byte{0};
  }
  CHECK_NE(content_hash(std::span(bytes).first(99)), hash);
}

TEST_CASE("a report is an aligned table with a limit for each status") {
  WeightsReport report;
  report.rows = {{"conv.weight", "loaded", "f32[2]"},
                 {"b", "at its initialiser", "f32[1]"},
                 {"u1", "unused", "x"},
                 {"u2", "unused", "x"}};
  report.loaded = 1;
  report.initialised = 1;
  report.unused = 2;
  CHECK_EQ(report.to_text(1),
           "conv.weight  loaded              f32[2]\n"
           "b            at its initialiser  f32[1]\n"
           "u1           unused              x\n"
           "...          unused              1 more\n"
           "1 loaded, 1 at their initialisers, 2 unused\n");
}

}  // namespace
}  // namespace fcngraph
