// SPDX-License-Identifier: Apache-2.0
// Images and scores on a device whose memory the host is not shown: bytes go there, and counts come back.
#include <doctest/doctest.h>

#include <memory>

#include <fcngraph/engine/random.h>
#include <fcngraph/image.h>
#include <fcngraph/model.h>
#include <fcngraph/reference/backend.h>

#include "compiled_model.h"
#include "cudnn_on_host.h"
#include "data/preprocess.h"
#include "device_confusion.h"
#include "program_impl.h"
#include "run_op.h"
#include "session_impl.h"
#include "training/head_tally.h"

namespace fcngraph {
namespace {

constexpr std::int64_t kBatch = 2, kSide = 64, kClasses = 4;
constexpr auto kAll = {data::Preprocess::caffe, data::Preprocess::tf, data::Preprocess::torch, data::Preprocess::none,
                       data::Preprocess::caffe_fcn};

Tensor random_bytes(Shape shape, std::uint64_t below, std::uint64_t key) {
  Tensor out = Tensor::zeros({DType::u8, std::move(shape), {}});
  for (std::size_t i = 0; i < out.data.size(); ++i) out.data[i] = static_cast<std::byte>(random_below(key, i, below));
  return out;
}

/// A session of the narrow FCN-8s on a backend that no name leads to.
Session open(const Backend& backend, Mode mode, data::Preprocess preprocess) {
  auto program = std::make_shared<Program::Impl>(Model::load(test::graphs_folder() / "tiny/fcn8s.toml"));
  program->plan = test::compiled("tiny/fcn8s.toml", mode, backend, DType::f32, kBatch);
  program->mode = mode;
  program->inputs = {kBatch, 3, kSide, kSide, kClasses, preprocess};
  program->backend = &backend;
  program->backend_name = backend.name();
  return Program(program).open({}, 3);
}

Tensor planes_of(const Tensor& pixels, data::Preprocess preprocess) {
  auto results = test::run_op(ops::normalize_pixels(), data::normalization_of(preprocess), {pixels});
  return std::move(results[0]);
}

TEST_CASE("the op preprocesses every byte of every channel as rows of an image are") {
  // A row of 256 pixels: each value in each channel.
  Tensor pixels = Tensor::zeros({DType::u8, {1, 1, 256, 3}, {}});
  std::vector<float> row(3 * 256);
  for (std::size_t x = 0; x < 256; ++x) {
    for (std::size_t c = 0; c < 3; ++c) {
      pixels.as<std::uint8_t>()[3 * x + c] = static_cast<std::uint8_t>((x + 85 * c) % 256);
      row[c * 256 + x] = static_cast<float>((x + 85 * c) % 256);
    }
  }
  for (const data::Preprocess preprocess : kAll) {
    std::vector<float> want(row.size());
    data::preprocess_row(preprocess, row.data(), 256, want.data(), 256);
    CHECK(test::values<float>(planes_of(pixels, preprocess)) == want);
  }
}

TEST_CASE("a session takes decoded images, and makes of them what it makes of preprocessed ones, to the bit") {
  const Tensor pixels = random_bytes({kBatch, kSide, kSide, 3}, 256, 5);
  for (const Backend* backend : {&testing::cudnn_apart(), &testing::cudnn_on_host(), &reference_backend()}) {
    Session session = open(*backend, Mode::infer, data::Preprocess::caffe);
    for (int run = 0; run < 2; ++run) {
      session.step({{"image", planes_of(pixels, data::Preprocess::caffe)}});
      const Tensor want = session.read("fcn8s");
      session.step({{"image", random_bytes({kBatch, kSide, kSide, 3}, 256, 6)}});
      CHECK(session.read("fcn8s").data != want.data);
      session.step({{"image", pixels}});
      CHECK(session.read("fcn8s").data == want.data);
    }
    CHECK((session.impl().pixels && *session.impl().pixels != nullptr) == (backend == &testing::cudnn_apart()));
    CHECK_THROWS_AS(session.step({{"image", random_bytes({kBatch, kSide, 32, 3}, 256, 5)}}), GraphError);
    CHECK_THROWS_AS(session.step({{"image", random_bytes({1, kSide, kSide, 3}, 256, 5)}}), GraphError);
    Tensor cut = pixels;
    cut.data.resize(10);
    CHECK_THROWS_AS(session.step({{"image", cut}}), GraphError);
  }
}

TEST_CASE("a device counts its own predictions, as the host counts them") {
  data::Batch batch;
  batch.valid = 1;  // the second sample is padding
  batch.samples = {0, -1};
  batch.labels.assign(kBatch * kSide * kSide, kIgnore);
  const Tensor labels = random_bytes({1, kSide, kSide}, kClasses, 7);
  for (std::size_t i = 0; i < labels.data.size(); ++i) {
    if (i % 9 != 0) batch.labels[i] = labels.as<std::uint8_t>()[i];
  }
  Tensor given = Tensor::zeros({DType::u8, {kBatch, kSide, kSide}, {}});
  std::copy(batch.labels.begin(), batch.labels.end(), given.as<std::uint8_t>());
  const auto counts = [&](const Backend& backend, bool mixed) {
    Session session = open(backend, Mode::eval, data::Preprocess::none);
    if (mixed) batch.mixed.assign(batch.labels.size(), 0);
    training::HeadTally tally("fcn8s", kClasses);
    for (int step = 0; step < 2; ++step) {
      session.step({{"image", random_bytes({kBatch, kSide, kSide, 3}, 256, 8)}, {"labels", given}});
      tally.add(session, batch, batch.valid);
    }
    // Where the host has to see the pixels, since it tells them apart, it counts.
    CHECK(tally.predicted.empty() == (&backend == &testing::cudnn_apart() && !mixed));
    CHECK(tally.loss_count == 2.0 * static_cast<double>(kSide * kSide - (kSide * kSide + 8) / 9));
    return tally.confusion.counts();
  };
  const auto want = counts(testing::cudnn_on_host(), false);
  CHECK(counts(testing::cudnn_apart(), false) == want);
  CHECK(counts(testing::cudnn_apart(), true) == want);
}

}  // namespace
}  // namespace fcngraph
