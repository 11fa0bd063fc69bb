// SPDX-License-Identifier: Apache-2.0
#include "toml_tree.h"

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "nesting.h"
#include "print_toml.h"

using fcngraph::Diagnostics;
using fcngraph::SourceFile;
using fcngraph::dsl::parse_toml;
using fcngraph::dsl::TomlValue;

namespace {

TomlValue parse(const std::string& text) {
  Diagnostics diagnostics;
  auto value = parse_toml(std::make_shared<SourceFile>(SourceFile{"t.toml", text}), diagnostics);
  INFO(fcngraph::render(diagnostics.all()));
  REQUIRE(value);
  return *value;
}

/// The text that a span underlines.
std::string under(const fcngraph::SourceSpan& span) {
  std::string_view text = span.file->text;
  for (int line = 1; line < span.line; ++line) text.remove_prefix(text.find('\n') + 1);
  return std::string(text.substr(static_cast<std::size_t>(span.column) - 1, static_cast<std::size_t>(span.length)));
}

}  // namespace

TEST_CASE("values and keys know their place, in the order of the file") {
  const auto root = parse("b = 1\na = \"two\"\n[z]\ny = [1, 2.5, true]\n[[z.list]]\nname = 'n'\nw.x = { k = -3 }\n");
  REQUIRE(root.entries.size() == 3);
  CHECK(root.keys() == std::vector<std::string>{"b", "a", "z"});
  CHECK(under(root.entries[0].key_span) == "b");
  CHECK(under(root.find("a")->span) == "\"two\"");
  CHECK(under(root.entries[2].key_span) == "z");
  const auto* y = root.find("z")->find("y");
  CHECK(under(y->span) == "[1, 2.5, true]");
  CHECK(under(y->items[1].span) == "2.5");
  CHECK(y->items[2].boolean);
  const auto* list = root.find("z")->find("list");
  REQUIRE(list->is_array_of_tables());
  CHECK(list->items[0].span.line == 5);
  CHECK(under(list->items[0].find("name")->span) == "'n'");
  CHECK(under(list->items[0].find("w")->find("x")->find("k")->span) == "-3");
}

TEST_CASE("columns count bytes, so that the caret finds its place behind other letters") {
  const auto root = parse("a = \"\xC3\xA4\xC3\xB6\" # x\nb = { k = \"\xC3\xBC\", m = 7 }\n");
  CHECK(under(root.find("a")->span) == "\"\xC3\xA4\xC3\xB6\"");
  CHECK(under(root.find("b")->find("m")->span) == "7");
}

TEST_CASE("letters beyond ASCII are text within a string and a mistake outside of one") {
  const auto folded = parse("a = \"\"\"\\\n  \u00e9t\u00e9\"\"\"\n");
  REQUIRE(folded.entries.size() == 1);
  CHECK(folded.entries[0].value.text == "\u00e9t\u00e9");
  for (const char* text : {"\u00e9 = 1\n", "a = \u4e2d\n", "a = 1 \ufef7\n", "\ufef7A+ 0  locke"}) {
    CAPTURE(text);
    Diagnostics diagnostics;
    CHECK_FALSE(parse_toml(std::make_shared<SourceFile>(SourceFile{"t.toml", text}), diagnostics));
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all()[0].code == "E0101");
  }
}

TEST_CASE("nesting is refused before a parser recurses into it") {
  std::string dots = "a";
  for (int i = 0; i < 100'000; ++i) dots += ".a";
  CHECK(fcngraph::dsl::find_excess(dots + " = 1"));
  CHECK(fcngraph::dsl::find_excess("[" + dots + "]"));
  CHECK(fcngraph::dsl::find_excess("x = " + std::string(100'000, '[')));
  CHECK(fcngraph::dsl::find_excess("a.\"=\".a.\"[\".a.'{'.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1"));
  CHECK(fcngraph::dsl::find_excess("x = [" + std::string(200'000, ',') + "]"));
  CHECK_FALSE(fcngraph::dsl::find_excess("x = \"" + std::string(1000, '[') + "\" # " + std::string(1000, '[')));
  CHECK_FALSE(fcngraph::dsl::find_excess("x = '''\n" + std::string(1000, '[') + "'''\ny = [1.5, 2.5]"));
}

TEST_CASE("a printed document parses to the same values") {
  const std::string text =
      "a = 1\nf = 2.0\ng = 1e-30\nh = -0.1\ni = inf\nt = true\ns = \"q\\\"\\\\\\n\\t\\u0001\xC3\xA4\"\n\"odd key\" = "
      "[]\n"
      "m = [[1, 2], [{ x = 1 }, 3]]\n[p]\nq = { r = 1 }\n[p.deep.deeper]\n[[p.l]]\nx = 1\n[[p.l]]\n[p.l.in]\ny = 2\n";
  const auto once = fcngraph::dsl::print_toml(parse(text));
  CHECK(fcngraph::dsl::print_toml(parse(once)) == once);
  const auto back = parse(once);
  CHECK(back.find("s")->text == "q\"\\\n\t\x01\xC3\xA4");
  CHECK(back.find("f")->kind == TomlValue::Kind::floating);
  CHECK(back.find("g")->number == 1e-30);
  CHECK(back.find("odd key")->is_array());
  CHECK(back.find("m")->items[1].items[0].find("x")->integer == 1);
  CHECK(back.find("p")->find("deep")->find("deeper")->is_table());
  REQUIRE(back.find("p")->find("l")->items.size() == 2);
  CHECK(back.find("p")->find("l")->items[1].find("in")->find("y")->integer == 2);
}
