// SPDX-License-Identifier: Apache-2.0
#include "dsl_support.h"

using fcngraph::Diagnostics;

namespace {

/// A model named "m" that reads its ranges from a file with that text.
fcngraph::dsl::ModelSpec load_with(const std::string& ranges, Diagnostics& diagnostics) {
  const dsl_test::Folder folder("ranges");
  std::ofstream(folder.path() / "r.toml", std::ios::binary) << ranges;
  const std::string text =
      "fcngraph = 1\n[model]\nname = \"m\"\n[[head]]\nname = \"a\"\nfrom = \"image\"\n[compile]\nranges = \"" +
      (folder.path() / "r.toml").string() + "\"\n";
  return dsl_test::load(text, diagnostics);
}

const std::string kHead = "fcngraph_ranges = 1\nmodel = \"m\"\n";

}  // namespace

TEST_CASE("ranges are read by name, with what was not finite") {
  Diagnostics diagnostics;
  const auto spec =
      load_with(kHead + "[largest]\n\"a.b\" = 12.5\nc = 70000\nd = 0\n[not_finite]\nd = 3\n", diagnostics);
  INFO(fcngraph::render(diagnostics.all()));
  REQUIRE(diagnostics.all().empty());
  const auto& range_of = spec.compile.range_of;
  REQUIRE(range_of.size() == 3);
  CHECK(range_of.at("a.b") == fcngraph::ValueRange{12.5F, 0});
  CHECK(range_of.at("a.b").fits());
  CHECK_FALSE(range_of.at("c").fits());
  CHECK(range_of.at("d") == fcngraph::ValueRange{0, 3});
}

TEST_CASE("a file of ranges without its head, or of a later format, is reported") {
  for (const auto& text :
       {std::string("[largest]\na = 1\n"), kHead, std::string("fcngraph_ranges = 2\nmodel = \"m\"\n[largest]\n"),
        std::string("\xff"), std::string("model = ") + std::string(200, '[')}) {
    CAPTURE(text);
    Diagnostics diagnostics;
    (void)load_with(text, diagnostics);
    CHECK(diagnostics.has_errors());
    for (const auto& d : diagnostics.all()) CHECK(d.span.file != nullptr);
  }
  Diagnostics diagnostics;
  (void)dsl_test::load("fcngraph = 1\n[compile]\nranges = \"absent.toml\"\n[[head]]\nname = \"a\"\nfrom = \"image\"\n",
                       diagnostics);
  REQUIRE(diagnostics.error_count() == 1);
  CHECK(diagnostics.all()[0].code == "E0100");
  CHECK(diagnostics.all()[0].span.line == 3);
}

TEST_CASE("a file of ranges with as many lines as it may have takes no longer than its length") {
  std::string text = kHead + "[largest]\n";
  for (int i = 0; i < 90'000; ++i) text += "v" + std::to_string(i) + " = 1\n";
  Diagnostics diagnostics;
  INFO(fcngraph::render(diagnostics.all()));
  CHECK(load_with(text, diagnostics).compile.range_of.size() == 90'000);
  CHECK(diagnostics.all().empty());
}
