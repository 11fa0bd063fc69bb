// SPDX-License-Identifier: Apache-2.0
#include "available_memory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

namespace fcngraph {
namespace {

/// The number behind `key` in a file of "key number" lines.
std::optional<std::int64_t> number_of(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    std::int64_t value = 0;
    if (word == key && file >> value) return value;
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

std::optional<std::int64_t> first_number(const char* path) {
  std::ifstream file(path);
  std::int64_t value = 0;
  if (file >> value) return value;  // "max" stands for no limit
  return std::nullopt;
}

}  // namespace

std::int64_t available_memory() {
  std::int64_t bytes = std::numeric_limits<std::int64_t>::max();
  if (const auto kib = number_of("/proc/meminfo", "MemAvailable:")) bytes = *kib * 1024;
  const auto limit = first_number("/sys/fs/cgroup/memory.max");
  const auto used = first_number("/sys/fs/cgroup/memory.current");
  if (limit && used) {
    // The group's use counts the page cache, which gives way.
    const std::int64_t cache = number_of("/sys/fs/cgroup/memory.stat", "file").value_or(0);
    bytes = std::min(bytes, std::max<std::int64_t>(0, *limit - (*used - cache)));
  }
  return bytes;
}

}  // namespace fcngraph
