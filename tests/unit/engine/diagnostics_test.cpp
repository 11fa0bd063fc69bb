// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/error.h>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace fcngraph {
namespace {

SourceSpan span_in(std::string text, int line, int column, int length) {
  return {std::make_shared<const SourceFile>(SourceFile{"graphs/net.toml", std::move(text)}), line, column, length};
}

Diagnostic error_at(SourceSpan span) {
  return {Diagnostic::Severity::error, "E0203",       std::move(span), "head 'a' reads 'pol'",
          "did you mean 'pool'?",      {"taps: pool"}};
}

TEST_CASE("a diagnostic shows place, line, caret, suggestion and notes") {
  const auto text = render(error_at(span_in("[[head]]\nfrom = \"pol\"\nname = 1\n", 2, 8, 5)));
  CHECK_EQ(text,
           "graphs/net.toml:2:8: error[E0203]: head 'a' reads 'pol'\n"
           "   2 | from = \"pol\"\n"
           "     |        ^^^^^ did you mean 'pool'?\n"
           "   taps: pool");
}

TEST_CASE("the caret stays under its column behind tabs, and within the line") {
  const auto tab = render(error_at(span_in("\tx = 1\r\n", 1, 2, 100)));
  CHECK_NE(tab.find("\n     | \t^^^^^ did"), std::string::npos);
  CHECK_EQ(tab.find('\r'), std::string::npos);
}

TEST_CASE("places beyond the file or the line still render") {
  CHECK_NE(render(error_at(span_in("a = 1", 9, 4, 2))).find("graphs/net.toml:9:4"), std::string::npos);
  CHECK_NE(render(error_at(span_in("a = 1", 1, 400, 2))).find('^'), std::string::npos);
  const std::string endless(100'000, 'x');
  CHECK_LT(render(error_at(span_in(endless, 1, 50'000, 90'000))).size(), 1000);
}

TEST_CASE("a finding without a file keeps its suggestion on the line") {
  CHECK_EQ(render(error_at({})), "error[E0203]: head 'a' reads 'pol'; did you mean 'pool'?\n   taps: pool");
  auto whole = error_at(span_in("", 0, 0, 1));
  whole.severity = Diagnostic::Severity::warning;
  CHECK_EQ(render(whole).substr(0, 31), "graphs/net.toml: warning[E0203]");
}

TEST_CASE("closest_match finds slips and refuses strangers") {
  const std::vector<std::string> names{"block3_pool", "block4_pool", "fc7"};
  CHECK_EQ(closest_match("block4_pol", names), "block4_pool");
  CHECK_EQ(closest_match("fc6", names), "fc7");
  CHECK_EQ(closest_match("dropout", names), "");
  CHECK_EQ(closest_match("", names), "");
  CHECK_EQ(closest_match(std::string(1'000'000, 'a'), names), "");
  CHECK_EQ(did_you_mean("block3_pooll", names), "did you mean 'block3_pool'?");
  CHECK_EQ(did_you_mean("zzzzzz", names), "");
  CHECK_EQ(join(names), "block3_pool, block4_pool, fc7");
}

TEST_CASE("diagnostics are collected; only errors throw, all of them at once") {
  Diagnostics diagnostics;
  diagnostics.warning("E0210", {}, "first");
  CHECK_FALSE(diagnostics.has_errors());
  CHECK_NOTHROW(diagnostics.throw_if_errors());
  diagnostics.error("E0201", {}, "second");
  diagnostics.error("E0202", {}, "third", "", {"note"});
  CHECK_EQ(diagnostics.error_count(), 2);
  try {
    diagnostics.throw_if_errors();
    FAIL("did not throw");
  } catch (const GraphError& e) {
    CHECK_EQ(e.diagnostics().size(), 3);
    CHECK_EQ(std::string(e.what()), "warning[E0210]: first\nerror[E0201]: second\nerror[E0202]: third\n   note");
  }
}

TEST_CASE("each kind of error says whose fault it is") {
  CHECK_EQ(BackendError("onednn", "not built").backend(), "onednn");
  CHECK_EQ(std::string(BackendError("onednn", "not built").what()), "backend 'onednn': not built");
  CHECK_EQ(IoError("a.png", "is empty").path(), "a.png");
  CHECK_EQ(std::string(IoError("a.png", "is empty").what()), "a.png: is empty");
  CHECK_THROWS_AS(FCNGRAPH_ASSERT(1 + 1 == 3, "arithmetic"), InternalError);
  CHECK_NOTHROW(FCNGRAPH_ASSERT(1 + 1 == 2, "arithmetic"));
}

}  // namespace
}  // namespace fcngraph
