// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/error.h>
#include <fcngraph/tuning.h>
#include <fcngraph/version.h>

#include "atomic_file.h"
#include "cpu_model.h"
#include "user_cache.h"

namespace fcngraph {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;
constexpr std::uintmax_t kMostBytes = std::uintmax_t{64} << 20;

/// Held by whoever changes a table, from reading it to having written it.
class TableLock {
 public:
  explicit TableLock(const fs::path& file) {
    const std::string path = file.string() + ".lock";
    descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) throw IoError(path, "cannot create: " + std::generic_category().message(errno));
    while (flock(descriptor_, LOCK_EX) != 0) {
      if (errno == EINTR) continue;
      const int error = errno;
      close(descriptor_);
      throw IoError(path, "cannot be locked: " + std::generic_category().message(error));
    }
  }
  ~TableLock() { close(descriptor_); }
  TableLock(const TableLock&) = delete;
  TableLock& operator=(const TableLock&) = delete;

 private:
  int descriptor_ = -1;
};

std::optional<double> seconds_in(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number()) return std::nullopt;
  const double ms = found->get<double>();
  if (!std::isfinite(ms) || ms < 0) return std::nullopt;
  return ms / 1e3;
}

std::optional<MeasuredStep> step_in(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  const auto date = json.find("measured"), kernels = json.find("kernels");
  if (date == json.end() || !date->is_string() || kernels == json.end() || !kernels->is_object()) return std::nullopt;
  MeasuredStep step{date->get<std::string>(), {}};
  for (const auto& [name, times] : kernels->items()) {
    if (!times.is_object()) return std::nullopt;
    const auto run = seconds_in(times, "ms"), pack = seconds_in(times, "pack_ms");
    if (!run || !pack) return std::nullopt;
    step.kernels[name] = {*run, *pack};
  }
  return step;
}

enum class State { absent, whole, damaged, newer };

/// The table, as much of it as is whole.
State parse(const fs::path& file, KernelTable& table) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return State::absent;
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  if (error || bytes > kMostBytes) return State::damaged;
  const Json json = Json::parse(in, nullptr, false);
  if (!json.is_object()) return State::damaged;
  const auto version = json.find("format_version");
  if (version == json.end() || !version->is_number_integer()) return State::damaged;
  if (version->get<std::int64_t>() != kFormatVersion) return State::newer;
  const auto machines = json.find("machines");
  if (machines == json.end() || !machines->is_object()) return State::damaged;
  State state = State::whole;
  for (const auto& [machine, steps] : machines->items()) {
    if (!steps.is_object()) {
      state = State::damaged;
      continue;
    }
    for (const auto& [key, value] : steps.items()) {
      if (auto step = step_in(value))
        table[machine].steps[key] = std::move(*step);
      else
        state = State::damaged;
    }
  }
  return state;
}

[[noreturn]] void refuse_newer(const fs::path& file) {
  throw IoError(file.string(), fmt::format("has another format than {}, which this version of fcngraph knows; remove "
                                           "it, or name another by FCNGRAPH_KERNEL_TABLE",
                                           kFormatVersion));
}

std::string in_json(const KernelTable& table) {
  Json machines = Json::object();
  for (const auto& [machine, times] : table) {
    Json steps = Json::object();
    for (const auto& [key, step] : times.steps) {
      Json kernels = Json::object();
      for (const auto& [name, time] : step.kernels)
        kernels[name] = {{"ms", time.seconds * 1e3}, {"pack_ms", time.pack_seconds * 1e3}};
      steps[key] = {{"measured", step.date}, {"kernels", std::move(kernels)}};
    }
    machines[machine] = std::move(steps);
  }
  const Json json = {{"format_version", kFormatVersion}, {"machines", std::move(machines)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace

fs::path kernel_table_file() {
  const char* value = std::getenv("FCNGRAPH_KERNEL_TABLE");
  const fs::path named = value != nullptr ? value : "";
  if (named.empty()) return user_cache_file("kernels.json");
  return named == "off" ? fs::path() : named;
}

KernelTable read_kernel_table(const fs::path& file) {
  KernelTable table;
  const State state = parse(file, table);
  if (state == State::newer) refuse_newer(file);
  if (state == State::damaged) throw IoError(file.string(), "is no whole table of kernels");
  return table;
}

void add_kernel_times(const fs::path& file, const std::string& machine, const KernelTimes& times) {
  std::error_code error;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  if (error) throw IoError(file.parent_path().string(), "cannot be made: " + error.message());
  const TableLock lock(file);
  KernelTable table;
  if (parse(file, table) == State::newer) refuse_newer(file);
  for (const auto& [key, step] : times.steps) table[machine].steps[key] = step;
  write_file(file.string(), in_json(table));
}

bool clear_kernel_table(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return false;
  const TableLock lock(file);
  fs::remove(file, error);
  if (error) throw IoError(file.string(), "cannot be removed: " + error.message());
  return true;
}

std::string machine_for_times(const Backend& backend, const KernelPolicy& policy) {
  return fmt::format("{}; fcngraph {}; {}", cpu_model(), FCNGRAPH_VERSION, backend.times_hold_for(policy));
}

std::shared_ptr<const KernelTimes> load_kernel_times(const fs::path& file, const Backend& backend,
                                                     const KernelPolicy& policy) {
  if (backend.kernel_choices().empty()) return nullptr;
  KernelTable table;
  // What is damaged is only ever measured again: `fcngraph tune` says so.
  if (file.empty() || parse(file, table) != State::whole) return nullptr;
  const auto found = table.find(machine_for_times(backend, policy));
  return found == table.end() ? nullptr : std::make_shared<const KernelTimes>(std::move(found->second));
}

}  // namespace fcngraph
