// SPDX-License-Identifier: Apache-2.0
// The device of the module with a fake CUDA behind it, whose streams go on in any order that events allow.
#include "device.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <string>

#include <fcngraph/engine/ops/relu.h>

#include "fake_cuda.h"

namespace fcngraph::cudnn {

// In the place of the kernels: y = x + 1, byte by byte.
Enqueue enqueue_of(const StepView& step, const KernelPolicy&, EngineSource&) {
  const auto bytes = static_cast<std::size_t>(bytes_of(*step.operands[0]));
  return Enqueue([bytes](const LaunchArgs& args, const Queue& queue) {
    testing::fake_cuda::push(queue.stream, [=, x = args.operands[0], y = args.results[0]] {
      std::transform(x, x + bytes, y, [](std::byte b) { return static_cast<std::byte>(static_cast<int>(b) + 1); });
    });
  });
}
void enqueue_run(std::span<const Launch> run, const Queue& queue) {
  for (const Launch& launch : run) launch.enqueue->alone(launch.args(), queue);
}

namespace {

using testing::fake_cuda::world;

struct NoEngines final : EngineSource {
  const ConvolutionEngine* find(const PlanKey&, std::string&) override { return nullptr; }
};

std::vector<std::byte> numbers(std::size_t count, int run) {
  std::vector<std::byte> out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::byte>(static_cast<std::size_t>(run) * 7 + i % 251);
  return out;
}

std::vector<std::byte> plus(std::vector<std::byte> of, int by) {
  for (std::byte& b : of) b = static_cast<std::byte>(static_cast<int>(b) + by);
  return of;
}

/// A program of two steps, z = (x + 1) + 1, with two buffers for x that take turns.
struct Pipeline {
  explicit Pipeline(std::uint64_t seed, std::size_t size = 64) : bytes(size) {
    testing::fake_cuda::reset(seed);
    device.emplace(DeviceOptions{}, engines);
    for (auto& buffer : x) buffer = device->allocate(bytes);
    y = device->allocate(bytes);
    z = device->allocate(bytes);
    const TensorType type{DType::u8, {static_cast<std::int64_t>(bytes)}, {}};
    const Attrs attrs = NoAttrs{};
    for (auto& kernel : kernels) kernel = device->prepare({"step", &ops::relu(), &attrs, {&type}, {&type}, nullptr});
  }

  void run(std::size_t turn) {
    device->begin_run();
    launch(*kernels[0], *x[turn], *y);
    launch(*kernels[1], *y, *z);
    device->end_run();
    read_until[turn] = device->mark();
  }
  static void launch(Kernel& kernel, Buffer& from, Buffer& to) {
    std::byte* const operand = from.device_data();
    std::byte* const result = to.device_data();
    kernel.launch({{&operand, 1}, {&result, 1}, nullptr});
  }

  /// So many runs, the next of which is brought while one is under way and the last of which is taken meanwhile; how many of them
  /// made what they should. `careful`: what is brought waits for the run that reads there.
  int correct(int runs, bool careful = true) {
    std::deque<std::pair<std::vector<std::byte>, Mark>> taken;
    int good = 0;
    const auto end = [&](int k) {
      device->wait(taken.front().second);
      good += taken.front().first == plus(numbers(bytes, k), 2) ? 1 : 0;
      taken.pop_front();
    };
    for (int k = 0; k < runs; ++k) {
      const auto turn = static_cast<std::size_t>(k % 2);
      device->upload_beside(x[turn]->device_data(), numbers(bytes, k), careful ? read_until[turn] : 0);
      run(turn);
      auto& out = taken.emplace_back(std::vector<std::byte>(bytes), 0);
      out.second = device->download_beside(out.first, z->device_data());
      if (k > 2) end(k - 3);
    }
    while (!taken.empty()) end(runs - static_cast<int>(taken.size()));
    return good;
  }

  // Buffers and kernels go before the device.
  std::size_t bytes;
  NoEngines engines;
  std::optional<CudaDevice> device;
  std::array<std::unique_ptr<Buffer>, 2> x;
  std::unique_ptr<Buffer> y, z;
  std::array<std::unique_ptr<Kernel>, 2> kernels;
  std::array<Mark, 2> read_until{};
};

TEST_CASE("what is brought and taken beside runs is right in whatever order the streams go on") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Pipeline pipeline(seed);
    REQUIRE(pipeline.correct(12) == 12);
    // One run for each of the two buffers as it is, one captured, and from then on the same addresses again.
    CHECK(world().captures == 2);
    CHECK(world().replays == 10);
  }
}

TEST_CASE("and wrong in some of them where nothing waits for the run that reads there") {
  int wrong = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) wrong += Pipeline(seed).correct(12, false) < 12 ? 1 : 0;
  CHECK(wrong > 0);
}

TEST_CASE("what is larger than the pinned memory goes through it in pieces") {
  for (std::uint64_t seed = 0; seed < 3; ++seed) CHECK(Pipeline(seed, (std::size_t{40} << 20U) + 5).correct(4) == 4);
}

TEST_CASE("pieces are gathered on the device, with zeros where there are none") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Pipeline pipeline(seed, 12);
    CudaDevice& device = *pipeline.device;
    const auto kept = device.allocate(8);
    device.upload(kept->device_data(), numbers(8, 3));
    for (int k = 0; k < 4; ++k) {
      const auto turn = static_cast<std::size_t>(k % 2);
      const std::array<const std::byte*, 3> pieces{kept->device_data() + 4, nullptr, kept->device_data()};
      // What is kept was uploaded in order: whoever gathers it waits for that.
      device.gather_beside(pipeline.x[turn]->device_data(), pieces, 4,
                           k < 2 ? device.mark() : pipeline.read_until[turn]);
      pipeline.run(turn);
      std::vector<std::byte> got(12), want(12);
      device.download(got, pipeline.z->device_data());
      const auto whole = numbers(8, 3);
      std::copy_n(whole.begin() + 4, 4, want.begin());
      std::copy_n(whole.begin(), 4, want.begin() + 8);
      REQUIRE(got == plus(want, 2));
    }
  }
}

TEST_CASE("what is taken is not there before it was waited for, and stays what it was") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Pipeline pipeline(seed);
    CudaDevice& device = *pipeline.device;
    device.upload(pipeline.x[0]->device_data(), numbers(64, 1));
    pipeline.run(0);
    std::vector<std::byte> first(64), second(64);
    const Mark point = device.download_beside(first, pipeline.z->device_data());
    device.upload(pipeline.x[0]->device_data(), numbers(64, 2));
    pipeline.run(0);
    const Mark later = device.download_beside(second, pipeline.z->device_data());
    device.synchronize();
    CHECK(first == std::vector<std::byte>(64));
    device.wait(later);
    device.wait(point);
    CHECK(first == plus(numbers(64, 1), 2));
    CHECK(second == plus(numbers(64, 2), 2));
  }
}

TEST_CASE("without memory to take an output through it is copied in order") {
  Pipeline pipeline(1);
  CudaDevice& device = *pipeline.device;
  device.upload(pipeline.x[0]->device_data(), numbers(64, 1));
  pipeline.run(0);
  for (const char* function : {"cudaMalloc", "cudaMallocHost"}) {
    world().failing = function;
    std::vector<std::byte> out(64);
    CHECK(device.download_beside(out, pipeline.z->device_data()) == 0);
    CHECK(out == plus(numbers(64, 1), 2));
  }
}

TEST_CASE("what goes wrong with a copy is said where it is begun or waited for") {
  const auto message = [](const auto& act) -> std::string {
    try {
      act();
    } catch (const BackendError& error) {
      return error.what();
    }
    return {};
  };
  Pipeline pipeline(2);
  CudaDevice& device = *pipeline.device;
  std::vector<std::byte> bytes(64);
  world().failing = "cudaMemcpyAsync";
  CHECK(message([&] { device.upload_beside(pipeline.x[0]->device_data(), bytes, 0); }).find("copying to the GPU") !=
        std::string::npos);
  world().failing = "cudaMemcpyAsync";
  CHECK(message([&] { (void)device.download_beside(bytes, pipeline.z->device_data()); }).find("taking an output") !=
        std::string::npos);
  const Mark point = device.download_beside(bytes, pipeline.z->device_data());
  world().failing = "cudaEventSynchronize";
  CHECK(message([&] { device.wait(point); }).find("waiting for a copy") != std::string::npos);
  // A run whose launch failed is said by whoever waits for it.
  world().failing = "cudaEventSynchronize";
  pipeline.run(0);
  CHECK(message([&] { device.wait(pipeline.read_until[0]); }).find("waiting for the GPU") != std::string::npos);
}

TEST_CASE("memory that is not there is named, with what is free") {
  Pipeline pipeline(3);
  CHECK(pipeline.device->free_memory() == std::size_t{3} << 30U);
  world().failing = "cudaMalloc";
  CHECK_THROWS_WITH_AS(
      (void)pipeline.device->allocate(std::size_t{5} << 30U),
      "backend 'cudnn': not enough memory on the GPU: 5.0 GiB (5368709120 bytes) wanted, 3.0 GiB of 8.0 GiB free",
      BackendError);
}

}  // namespace
}  // namespace fcngraph::cudnn
