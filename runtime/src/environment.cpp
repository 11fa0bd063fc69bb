// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/environment.h>

#include <cstdio>  // jpeglib.h needs it before

#include <jpeglib.h>
#include <png.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include <fcngraph/engine/backend.h>
#include <fcngraph/version.h>

#include "cpu_model.h"

namespace fcngraph {
namespace {

constexpr const char* kIsaFlags[] = {"sse4_1",      "avx",         "avx2",        "fma",      "f16c",
                                     "avx_vnni",    "avx512f",     "avx512bw",    "avx512dq", "avx512vl",
                                     "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16",
                                     "asimd",       "asimdhp",     "sve",         "bf16"};

/// "name" and the words of "flags" of the first processor.
void read_cpu(Environment& out) {
  std::ifstream file("/proc/cpuinfo");
  std::string flags;
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto key = line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    const auto value = colon + 2 <= line.size() ? line.substr(colon + 2) : std::string();
    if (key == "model name" && out.cpu.empty()) out.cpu = value;
    if ((key == "flags" || key == "Features") && flags.empty()) flags = " " + value + " ";
  }
  for (const char* flag : kIsaFlags) {
    if (flags.find(fmt::format(" {} ", flag)) != std::string::npos) out.isa.emplace_back(flag);
  }
  if (out.cpu.empty()) out.cpu = "unknown";
}

std::string jpeg_version() {
#ifdef LIBJPEG_TURBO_VERSION_NUMBER
  constexpr int number = LIBJPEG_TURBO_VERSION_NUMBER;
  return fmt::format("{}.{}.{}", number / 1000000, number / 1000 % 1000, number % 1000);
#else
  return std::to_string(JPEG_LIB_VERSION);
#endif
}

std::string system_name() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

}  // namespace

std::string cpu_model() {
  Environment out;
  read_cpu(out);
  return out.cpu;
}

std::string_view version() noexcept { return FCNGRAPH_VERSION; }

Environment environment() {
  Environment out;
  out.version = std::string(version());
#if defined(__clang__)
  out.compiler = fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  out.compiler = fmt::format("gcc {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
  out.system = system_name();
  read_cpu(out);
  out.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  out.memory_bytes =
      static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::int64_t>(sysconf(_SC_PAGE_SIZE));
  out.libraries = {{"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
                   {"libjpeg-turbo", jpeg_version()},
                   {"libpng", png_get_libpng_ver(nullptr)}};
  for (const auto* backend : builtin_backends()) {
    const auto probe = backend->probe();
    out.backends.push_back({std::string(backend->name()), probe.available, probe.text});
  }
  return out;
}

}  // namespace fcngraph
