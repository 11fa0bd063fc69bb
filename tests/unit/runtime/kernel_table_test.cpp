// SPDX-License-Identifier: Apache-2.0
// The file of measured kernels.
#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <fcngraph/reference/backend.h>
#include <fcngraph/tuning.h>

#include "environment_scope.h"
#include "temporary_folder.h"

namespace fcngraph {
namespace {

namespace fs = std::filesystem;

KernelTimes times_of(const std::string& step, double seconds) {
  KernelTimes out;
  out.steps[step] = {"2026-11-22", {{"onednn", {seconds, 0.5 * seconds}}, {"winograd", {2 * seconds, 0}}}};
  return out;
}

/// What a backend with kernels to choose from says of them.
class Choosing final : public Backend {
 public:
  std::string_view name() const override { return "choosing"; }
  Probe probe() const override { return {true, ""}; }
  Capability capability(const StepView&, const KernelPolicy&) const override { return Capability::no("never"); }
  std::unique_ptr<Device> open(const DeviceOptions&) const override { return nullptr; }
  std::span<const std::string_view> kernel_choices() const override { return kWords; }
  std::string times_hold_for(const KernelPolicy& policy) const override {
    return "version 1, " + std::to_string(policy.threads) + " threads";
  }

 private:
  static constexpr std::string_view kWords[] = {"onednn", "winograd"};
};

TEST_CASE("times are added beside those of other steps and machines, and over older ones") {
  const TemporaryFolder folder;
  const fs::path file = folder / "deep/kernels.json";
  CHECK(read_kernel_table(file).empty());
  add_kernel_times(file, "one", times_of("a", 1e-3));
  add_kernel_times(file, "one", times_of("b", 2e-3));
  add_kernel_times(file, "two", times_of("a", 3e-3));
  add_kernel_times(file, "one", times_of("a", 4e-3));
  const KernelTable table = read_kernel_table(file);
  REQUIRE(table.size() == 2);
  CHECK(table.at("one").steps.size() == 2);
  const auto& a = table.at("one").find("a")->kernels;
  CHECK(a.at("onednn").seconds == doctest::Approx(4e-3));
  CHECK(a.at("onednn").pack_seconds == doctest::Approx(2e-3));
  CHECK(table.at("one").find("a")->date == "2026-11-22");
  CHECK(table.at("two").find("b") == nullptr);
  CHECK(clear_kernel_table(file));
  CHECK_FALSE(clear_kernel_table(file));
}

TEST_CASE("a program is compiled by the times of its machine alone") {
  const TemporaryFolder folder;
  const fs::path file = folder / "kernels.json";
  const Choosing backend;
  const KernelPolicy two{.threads = 2}, three{.threads = 3};
  CHECK(load_kernel_times(file, backend, two) == nullptr);
  add_kernel_times(file, machine_for_times(backend, two), times_of("a", 1e-3));
  REQUIRE(load_kernel_times(file, backend, two) != nullptr);
  CHECK(load_kernel_times(file, backend, two)->find("a") != nullptr);
  CHECK(load_kernel_times(file, backend, three) == nullptr);
  CHECK(load_kernel_times(file, reference_backend(), two) == nullptr);
  CHECK(load_kernel_times("", backend, two) == nullptr);
}

TEST_CASE("a table that is not whole is not trusted, and begins anew") {
  const TemporaryFolder folder;
  const fs::path file = folder / "kernels.json";
  const Choosing backend;
  const KernelPolicy policy{.threads = 2};
  const std::string machine = machine_for_times(backend, policy);
  add_kernel_times(file, machine, times_of("a", 1e-3));
  const std::string whole = TemporaryFolder::read(file.string());
  const auto row = [](const std::string& step) {
    return R"({"format_version": 1, "machines": {"m": {"a": )" + step + "}}}";
  };
  std::vector<std::string> wrong = {"",
                                    "[]",
                                    "7",
                                    "{}",
                                    R"({"format_version": "1"})",
                                    R"({"format_version": 1})",
                                    R"({"format_version": 1, "machines": []})",
                                    R"({"format_version": 1, "machines": {"m": 3}})",
                                    row("3"),
                                    row("{}"),
                                    row(R"({"measured": 3, "kernels": {}})"),
                                    row(R"({"measured": "x", "kernels": []})"),
                                    row(R"({"measured": "x", "kernels": {"onednn": 3}})"),
                                    row(R"({"measured": "x", "kernels": {"onednn": {"ms": 1}}})"),
                                    row(R"({"measured": "x", "kernels": {"onednn": {"ms": "1", "pack_ms": 0}}})"),
                                    row(R"({"measured": "x", "kernels": {"onednn": {"ms": -1, "pack_ms": 0}}})"),
                                    row(R"({"measured": "x", "kernels": {"onednn": {"ms": 1e999, "pack_ms": 0}}})"),
                                    std::string(100'000, '[')};
  for (std::size_t cut = 1; cut + 1 < whole.size(); cut += 7) wrong.push_back(whole.substr(0, cut));
  for (const std::string& text : wrong) {
    CAPTURE(text.substr(0, 200));
    TemporaryFolder::write(file.string(), text);
    CHECK(load_kernel_times(file, backend, policy) == nullptr);
    CHECK(says(message_of<IoError>([&] { (void)read_kernel_table(file); }), "is no whole table of kernels"));
    add_kernel_times(file, machine, times_of("b", 1e-3));
    CHECK(read_kernel_table(file).at(machine).find("b") != nullptr);
  }
  // What is whole of a table stays.
  TemporaryFolder::write(file.string(), whole);
  std::string half = whole;
  half.insert(half.find("{", half.find("machines")) + 1, R"("m": 3, )");
  TemporaryFolder::write(file.string(), half);
  add_kernel_times(file, machine, times_of("b", 1e-3));
  CHECK(read_kernel_table(file).at(machine).steps.size() == 2);
}

TEST_CASE("a table of a newer format is neither read nor written over") {
  const TemporaryFolder folder;
  const fs::path file = folder / "kernels.json";
  const std::string newer = R"({"format_version": 2, "machines": {}})";
  TemporaryFolder::write(file.string(), newer);
  const Choosing backend;
  CHECK(load_kernel_times(file, backend, {}) == nullptr);
  CHECK(says(message_of<IoError>([&] { (void)read_kernel_table(file); }), "another format than 1"));
  CHECK(says(message_of<IoError>([&] { add_kernel_times(file, "m", times_of("a", 1)); }), "another format than 1"));
  CHECK(TemporaryFolder::read(file.string()) == newer);
}

TEST_CASE("two processes at once lose nothing") {
  const TemporaryFolder folder;
  const fs::path file = folder / "kernels.json";
  constexpr int kProcesses = 3, kSteps = 10;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = fork();
    if (child == 0) {
      int failed = 0;
      for (int i = 0; i < kSteps && failed == 0; ++i) {
        try {
          add_kernel_times(file, "m", times_of(std::to_string(process) + "." + std::to_string(i), 1e-3));
        } catch (const Error&) {
          failed = 1;
        }
      }
      _exit(failed);
    }
    REQUIRE(child > 0);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(read_kernel_table(file).at("m").steps.size() == kProcesses * kSteps);
}

TEST_CASE("the place of the table is the variable's, or the cache's") {
  const testing::EnvironmentScope cache("XDG_CACHE_HOME", "/cache"),
      table("FCNGRAPH_KERNEL_TABLE", "/somewhere/t.json");
  CHECK(kernel_table_file() == "/somewhere/t.json");
  {
    const testing::EnvironmentScope off("FCNGRAPH_KERNEL_TABLE", "off");
    CHECK(kernel_table_file().empty());
  }
  const testing::EnvironmentScope unnamed("FCNGRAPH_KERNEL_TABLE", "");
  CHECK(kernel_table_file() == "/cache/fcngraph/kernels.json");
}

}  // namespace
}  // namespace fcngraph
