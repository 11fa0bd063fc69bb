// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>

#include "dsl_support.h"

using fcngraph::Diagnostics;

namespace {

/// A generator with a fixed sequence: a failure can be repeated.
class Sequence {
 public:
  explicit Sequence(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t n) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state_ >> 33U) % n;
  }

 private:
  std::uint64_t state_;
};

/// Loads, and renders what was found: neither may crash, hang or throw.
std::size_t survive(const std::string& text, const fcngraph::dsl::LoadOptions& options = {}) {
  Diagnostics diagnostics;
  (void)fcngraph::dsl::load_model_text(text, "fuzz.toml", dsl_test::graphs(), options, diagnostics);
  (void)fcngraph::render(diagnostics.all());
  return diagnostics.error_count();
}

}  // namespace

TEST_CASE("a file that is cut short anywhere is reported or read") {
  const auto text = dsl_test::read_text(dsl_test::graphs() / "fcn8s.toml");
  REQUIRE(survive(text) == 0);
  std::size_t wrong = 0;
  for (std::size_t length = 0; length < text.size(); length += 50) wrong += survive(text.substr(0, length)) > 0 ? 1 : 0;
  CHECK(wrong > 5);
}

TEST_CASE("random edits of a model are reported or read") {
  Sequence random(1);
  for (const std::string name : {"fcn8s.toml", "examples/unet.toml"}) {
    const auto text = dsl_test::read_text(dsl_test::graphs() / name);
    std::size_t wrong = 0;
    for (int i = 0; i < 1000; ++i) {
      auto edited = text;
      for (std::size_t edits = 1 + random.below(4); edits > 0; --edits) {
        const auto at = random.below(edited.size());
        switch (random.below(4)) {
          case 0:
            edited[at] = static_cast<char>(random.below(256));
            break;
          case 1:
            edited.erase(at, 1 + random.below(20));
            break;
          case 2:
            edited.insert(at, 1, "[]{}=\".\n$0-,'#"[random.below(15)]);
            break;
          default:
            edited.insert(at, edited.substr(random.below(edited.size()), random.below(60)));
            break;
        }
      }
      wrong += survive(edited) > 0 ? 1 : 0;
    }
    CHECK(wrong > 200);
  }
}

TEST_CASE("random bytes in --set and --data are reported or read") {
  Sequence random(2);
  const std::string model = "fcngraph = 1\n[[head]]\nname = \"h\"\nfrom = \"image\"\n";
  for (int i = 0; i < 500; ++i) {
    std::string text = "head.h.scale=1";
    for (int edits = 0; edits < 3; ++edits) text[random.below(text.size())] = static_cast<char>(random.below(256));
    survive(model, {{text}, {}});
    survive(model, {{}, text});
  }
}

TEST_CASE("large files full of mistakes end in reasonable time") {
  std::string keys = "fcngraph = 1\n[[head]]\nname = \"h\"\nfrom = \"image\"\n";
  for (int i = 0; i < 20'000; ++i) keys += "k" + std::to_string(i) + " = 1\n";
  CHECK(survive(keys) == 41);
  std::string nodes = "fcngraph = 1\n[[head]]\nname = \"h\"\nfrom = \"image\"\n";
  for (int i = 0; i < 3'000; ++i)
    nodes +=
        "[[node]]\nname = \"n" + std::to_string(i) + "\"\nop = \"relu\"\ninputs = \"m" + std::to_string(i) + "\"\n";
  CHECK(survive(nodes) == static_cast<std::int64_t>(Diagnostics::kMostKept));
  std::string backwards = "fcngraph = 1\n[[head]]\nname = \"h\"\nfrom = \"image\"\n";
  for (int i = 0; i < 3'000; ++i) {
    backwards +=
        "[[node]]\nname = \"n" + std::to_string(i) + "\"\nop = \"relu\"\ninputs = \"n" + std::to_string(i + 1) + "\"\n";
  }
  CHECK(survive(backwards) == static_cast<std::int64_t>(Diagnostics::kMostKept));
}
