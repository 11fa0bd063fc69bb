// SPDX-License-Identifier: Apache-2.0
#include "cache/feature_cache.h"

#include <doctest/doctest.h>

#include <fcngraph/cache.h>
#include <fcngraph/engine/error.h>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

#include "half.h"
#include "temporary_folder.h"

namespace fcngraph::cache {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> value_of(int seed, std::size_t floats = 100) {
  std::vector<float> numbers(floats);
  for (std::size_t i = 0; i < floats; ++i) numbers[i] = static_cast<float>(seed) + 0.1F * static_cast<float>(i);
  std::vector<std::byte> bytes(floats * sizeof(float));
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

CacheKey key(int i) { return key_of("entry " + std::to_string(i)); }

std::vector<std::byte> decoded(const CacheEntry& entry) {
  std::vector<std::byte> out(entry.value_size());
  entry.decode(out);
  return out;
}

bool holds(FeatureCache& cache, int i, std::size_t floats = 100) {
  const auto entry = cache.find(key(i), DType::f32, floats * sizeof(float));
  return entry && decoded(*entry) == value_of(i, floats);
}

void keep(FeatureCache& cache, int i, std::size_t floats = 100) {
  cache.keep(key(i), DType::f32, value_of(i, floats), "value");
}

CacheOptions on_disk(const TemporaryFolder& folder) {
  return {.folder = folder / "cache", .memory_limit = 1 << 20, .disk_limit = 0, .half = false};
}

fs::path file_of(const TemporaryFolder& folder, int i) { return fs::path(folder / "cache") / entry_path(key(i)); }

TEST_CASE("room is made of what a stage before has kept and this one has not asked for") {
  FeatureCache cache({.folder = {}, .memory_limit = 1000, .disk_limit = 0, .half = false});
  keep(cache, 1);
  keep(cache, 2);
  keep(cache, 3);
  CHECK_FALSE(holds(cache, 3));
  cache.begin_stage();
  CHECK(holds(cache, 1));
  CHECK(cache.memory_bytes() == 800);
  keep(cache, 3);
  CHECK(holds(cache, 1));
  CHECK_FALSE(holds(cache, 2));
  CHECK(holds(cache, 3));
  keep(cache, 4);
  CHECK_FALSE(holds(cache, 4));
  CHECK(cache.memory_bytes() == 800);
}

TEST_CASE("a cache gives back what was kept, and nothing else") {
  FeatureCache cache({});
  CHECK_FALSE(holds(cache, 1));
  keep(cache, 1);
  CHECK(holds(cache, 1));
  CHECK_FALSE(holds(cache, 2));
  CHECK(cache.memory_bytes() == 400);
}

TEST_CASE("in memory, what does not fit is not kept, nothing is dropped for it, and it is said once") {
  FeatureCache cache({.folder = {}, .memory_limit = 900, .disk_limit = 0, .half = false});
  for (int i = 0; i < 5; ++i) keep(cache, i);
  CHECK(holds(cache, 0));
  CHECK(holds(cache, 1));
  for (int i = 2; i < 5; ++i) CHECK_FALSE(holds(cache, i));
  const auto notes = cache.take_notes();
  REQUIRE(notes.size() == 1);
  CHECK(says(notes[0], "limit of 900 B"));
  CHECK(cache.take_notes().empty());
}

TEST_CASE("on disk, entries outlive the process, also those that memory has no room for") {
  const TemporaryFolder folder;
  auto options = on_disk(folder);
  {
    FeatureCache cache(options);
    for (int i = 0; i < 4; ++i) keep(cache, i);
    CHECK(cache.take_notes().empty());
  }
  options.memory_limit = 500;
  FeatureCache cache(options);
  for (int i = 0; i < 4; ++i) CHECK(holds(cache, i));
  CHECK(cache.memory_bytes() == 400);
  CHECK_FALSE(holds(cache, 4));
}

TEST_CASE("an entry with any byte changed is not used, but removed and reported once") {
  const TemporaryFolder folder;
  {
    FeatureCache cache(on_disk(folder));
    keep(cache, 1, 10);
  }
  const auto path = file_of(folder, 1);
  const std::string good = TemporaryFolder::read(path.string());
  REQUIRE(good.size() == kEntryHeaderBytes + 40);
  for (std::size_t at = 0; at < good.size(); ++at) {
    CAPTURE(at);
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    TemporaryFolder::write(path.string(), bad);
    FeatureCache cache(on_disk(folder));
    CHECK_FALSE(holds(cache, 1, 10));
    CHECK_FALSE(fs::exists(path));
    CHECK(cache.take_notes().size() == 1);
    keep(cache, 1, 10);
    CHECK(holds(cache, 1, 10));
  }
}

TEST_CASE("an entry cut short, too long, empty, or in another's place is not used") {
  const TemporaryFolder folder;
  {
    FeatureCache cache(on_disk(folder));
    keep(cache, 1, 10);
    keep(cache, 2, 10);
  }
  const std::string good = TemporaryFolder::read(file_of(folder, 1).string());
  for (const auto& bad : {good.substr(0, good.size() - 1), good.substr(0, kEntryHeaderBytes), good.substr(0, 60),
                          std::string(), good + "x", TemporaryFolder::read(file_of(folder, 2).string())}) {
    CAPTURE(bad.size());
    TemporaryFolder::write(file_of(folder, 1).string(), bad);
    FeatureCache cache(on_disk(folder));
    CHECK_FALSE(holds(cache, 1, 10));
    CHECK(holds(cache, 2, 10));
  }
  // Another type or size than the one that is asked for is no hit either.
  TemporaryFolder::write(file_of(folder, 1).string(), good);
  FeatureCache cache(on_disk(folder));
  CHECK(cache.find(key(1), DType::f32, 44) == nullptr);
}

TEST_CASE("at its limit, the disk loses what was not used for longest, and never what this process used") {
  const TemporaryFolder folder;
  auto options = on_disk(folder);
  {
    FeatureCache cache(options);
    for (int i = 0; i < 4; ++i) keep(cache, i);
  }
  const auto now = fs::file_time_type::clock::now();
  for (int i = 0; i < 4; ++i) fs::last_write_time(file_of(folder, i), now - std::chrono::hours(10 - i));
  options.disk_limit = 4 * (400 + static_cast<std::int64_t>(kEntryHeaderBytes));
  options.memory_limit = 1;
  FeatureCache cache(options);
  CHECK(holds(cache, 0));  // the oldest, but used now
  keep(cache, 10);
  keep(cache, 11);
  CHECK(holds(cache, 0));
  CHECK_FALSE(holds(cache, 1));
  CHECK_FALSE(holds(cache, 2));
  CHECK(holds(cache, 3));
  keep(cache, 12);
  CHECK_FALSE(holds(cache, 12));
  const auto notes = cache.take_notes();
  REQUIRE(notes.size() == 1);
  CHECK(says(notes[0], "reached its limit"));
  CHECK(holds(cache, 0));
  CHECK(holds(cache, 10));
}

TEST_CASE("a folder that cannot be written is a warning, and memory goes on") {
  const TemporaryFolder folder;
  TemporaryFolder::write(folder / "file", "not a folder");
  FeatureCache cache({.folder = folder / "file/cache", .memory_limit = 1 << 20, .disk_limit = 0, .half = false});
  keep(cache, 1);
  CHECK(holds(cache, 1));
  const auto notes = cache.take_notes();
  REQUIRE(notes.size() == 1);
  CHECK(says(notes[0], "warning: "));
}

TEST_CASE("several writers and readers of one folder meet no half-written entry") {
  const TemporaryFolder folder;
  auto options = on_disk(folder);
  options.memory_limit = 1;
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0), damaged(4, 0);
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      FeatureCache cache(options);  // as a process of its own would
      for (int i = 0; i < 40; ++i) {
        keep(cache, i % 8, 2000);
        const auto entry = cache.find(key((i + 3) % 8), DType::f32, 8000);
        if (entry && decoded(*entry) != value_of((i + 3) % 8, 2000)) ++wrong[t];
      }
      damaged[t] = static_cast<int>(cache.take_notes().size());
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
  CHECK(damaged == std::vector<int>(4, 0));
  CHECK(verify_cache(options.folder).problems.empty());
}

TEST_CASE("list, verify and clear of a folder") {
  const TemporaryFolder folder;
  {
    FeatureCache cache(on_disk(folder));
    for (int i = 0; i < 3; ++i) keep(cache, i);
    cache.keep(key(7), DType::u8, value_of(7), "labels");
  }
  const fs::path root = folder / "cache";
  TemporaryFolder::write((root / "notes.txt").string(), "mine");
  auto groups = list_cache(root);
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].what == "labels");
  CHECK(groups[1].what == "value");
  CHECK(groups[1].entries == 3);
  CHECK(groups[1].storage == "f32");
  CHECK(groups[1].bytes == 3 * (400 + static_cast<std::int64_t>(kEntryHeaderBytes)));
  CHECK(verify_cache(root).problems.empty());

  std::string bytes = TemporaryFolder::read(file_of(folder, 1).string());
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  TemporaryFolder::write(file_of(folder, 1).string(), bytes);
  const auto report = verify_cache(root);
  CHECK(report.entries == 4);
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].path == file_of(folder, 1));

  CHECK(clear_cache(root).entries == 4);
  CHECK(list_cache(root).empty());
  CHECK(fs::exists(root / "notes.txt"));
  CHECK(std::distance(fs::directory_iterator(root), fs::directory_iterator()) == 1);
  CHECK_THROWS_AS((void)list_cache(root / "absent"), IoError);
}

TEST_CASE("half storage halves what is kept, to the nearest number, and keeps floats where that overflows") {
  FeatureCache cache({.folder = {}, .memory_limit = 1 << 20, .disk_limit = 0, .half = true});
  const auto entry = cache.keep(key(1), DType::f32, value_of(1), "value");
  CHECK(entry->half());
  CHECK(entry->bytes().size() == 200);
  const auto back = decoded(*entry);
  for (std::size_t i = 0; i < 100; ++i) {
    float was = 0, is = 0;
    std::memcpy(&was, value_of(1).data() + 4 * i, 4);
    std::memcpy(&is, back.data() + 4 * i, 4);
    CHECK(std::abs(is - was) <= was / 2048);
  }
  std::vector<std::byte> large = value_of(1);
  const float beyond = 70000;
  std::memcpy(large.data() + 4 * 99, &beyond, 4);
  const auto kept = cache.keep(key(2), DType::f32, large, "value");
  CHECK_FALSE(kept->half());
  CHECK(decoded(*kept) == large);
}

TEST_CASE("floats become halves and come back, alike in the loop and one by one") {
  std::vector<float> numbers;
  for (std::uint32_t h = 0; h < 0x7c00; h += 7) numbers.push_back(half_to_float(static_cast<std::uint16_t>(h)));
  const std::size_t exact = numbers.size();
  for (const float x : {65504.0F, 65519.0F, 1e-8F, 2.98e-8F, 5.97e-8F, 6.1e-5F, 1.00048828125F, 1.0014648F, -3.3F,
                        std::numeric_limits<float>::infinity()})
    numbers.push_back(x);
  std::vector<std::uint16_t> halves(numbers.size());
  CHECK(floats_to_halves(numbers.data(), halves.data(), numbers.size()));
  std::vector<float> back(numbers.size());
  halves_to_floats(halves.data(), back.data(), back.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    CAPTURE(numbers[i]);
    CHECK(halves[i] == float_to_half(numbers[i]));
    CHECK(back[i] == half_to_float(halves[i]));
    if (i < exact) CHECK(back[i] == numbers[i]);
  }
  numbers[3] = 65520.0F;
  CHECK_FALSE(floats_to_halves(numbers.data(), halves.data(), numbers.size()));
  CHECK(std::isinf(half_to_float(float_to_half(65520.0F))));
}

}  // namespace
}  // namespace fcngraph::cache
