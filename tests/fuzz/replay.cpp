// SPDX-License-Identifier: Apache-2.0
// Runs a target without libFuzzer: every file of the folder in argv[1], a few hundred edits of each, and the hostile inputs.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "target.h"

namespace {

namespace fs = std::filesystem;

constexpr int kEdits = 300;
constexpr double kMostSeconds = 10;  // an input

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

/// A generator with a fixed sequence: a failure can be repeated.
class Sequence {
 public:
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state_ >> 33U) % n;
  }

 private:
  std::uint64_t state_ = 1;
};

std::string edited(std::string text, Sequence& random) {
  for (std::size_t edits = 1 + random.below(4); edits > 0 && !text.empty(); --edits) {
    const auto at = random.below(text.size());
    const auto length = 1 + random.below(std::min<std::size_t>(text.size() - at, 24));
    switch (random.below(4)) {
      case 0:
        text[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(random.below(text.size()), text.substr(at, length));
        break;
      default:
        text.insert(at, 1, "[]{}()=\".,\n#09-"[random.below(15)]);
    }
  }
  return text;
}

bool slow = false;

void run(const std::string& input, const std::string& name) {
  const auto start = std::chrono::steady_clock::now();
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (seconds < kMostSeconds || kSanitized) return;
  std::fprintf(stderr, "%s takes %.1f s\n", name.c_str(), seconds);
  slow = true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(argv[1])) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  Sequence random;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(in), {}};
    run(input, file.string());
    for (int i = 0; i < kEdits; ++i) run(edited(input, random), file.string() + ", edited");
  }
  const auto hostile = fcngraph::fuzz::hostile_inputs();
  for (std::size_t i = 0; i < hostile.size(); ++i) run(hostile[i], "hostile input " + std::to_string(i));

  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto peak = static_cast<std::size_t>(usage.ru_maxrss) * 1024;
  std::printf("%zu files, %zu hostile inputs, peak memory %zu MiB\n", files.size(), hostile.size(), peak >> 20U);
  const bool large = !kSanitized && peak > fcngraph::fuzz::kMostMemory;
  return files.empty() || slow || large ? 1 : 0;
}
