// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/attrs.h>

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace fcngraph {

enum class Fit { same, valid };
template <>
struct EnumNames<Fit> {
  static constexpr std::array names{"same", "valid"};
};

namespace {

struct WindowAttrs {
  Extent2 kernel{3, 3};
  std::int64_t groups = 1;
  double rate = 0.5;
  bool bias = true;
  std::string note;
  Fit fit = Fit::valid;
  std::vector<std::int64_t> pads;
  std::vector<double> weights;

  static constexpr auto fields() {
    return std::tuple{Field{"kernel", &WindowAttrs::kernel, "window", true},
                      Field{"groups", &WindowAttrs::groups, "groups of channels"},
                      Field{"rate", &WindowAttrs::rate, "share dropped"},
                      Field{"bias", &WindowAttrs::bias, "adds a bias"},
                      Field{"note", &WindowAttrs::note, "free text"},
                      Field{"fit", &WindowAttrs::fit, "padding"},
                      Field{"pads", &WindowAttrs::pads, "explicit padding"},
                      Field{"weights", &WindowAttrs::weights, "class weights"}};
  }
};

Attrs make(const AttrMap& map, Diagnostics& diagnostics, const AttrSpans& spans = {}) {
  return schema_of<WindowAttrs>().make(map, spans, {}, "node 'w'", diagnostics);
}

TEST_CASE("attributes survive the way through the untyped form") {
  WindowAttrs value;
  value.kernel = {5, 7};
  value.groups = 4;
  value.rate = 0.1;
  value.bias = false;
  value.note = "a \"b\"";
  value.fit = Fit::same;
  value.pads = {1, 2, 3, 4};
  value.weights = {0.25, 1.0};
  const Attrs attrs = value;
  Diagnostics diagnostics;
  const Attrs back = make(attrs.to_map(), diagnostics);
  CHECK_EQ(render(diagnostics.all()), "");
  CHECK(back == attrs);
  CHECK(back.as<WindowAttrs>().kernel == Extent2{5, 7});
  CHECK_EQ(back.as<WindowAttrs>().rate, 0.1);
  CHECK(back.as<WindowAttrs>().fit == Fit::same);
  CHECK_FALSE(back == Attrs(WindowAttrs{}));
}

TEST_CASE("short forms: one number for both sides, an integer for a number, an empty list for any list") {
  Diagnostics diagnostics;
  const auto attrs = make({{"kernel", std::int64_t{3}},
                           {"rate", std::int64_t{1}},
                           {"pads", std::vector<double>{}},
                           {"weights", std::vector<std::int64_t>{1, 2}}},
                          diagnostics);
  CHECK_EQ(render(diagnostics.all()), "");
  CHECK(attrs.as<WindowAttrs>().kernel == Extent2{3, 3});
  CHECK_EQ(attrs.as<WindowAttrs>().rate, 1.0);
  CHECK_EQ(attrs.as<WindowAttrs>().weights, std::vector<double>{1.0, 2.0});
}

TEST_CASE("every mistake is reported, each at its place") {
  const auto file = std::make_shared<const SourceFile>(SourceFile{"m.toml", "gruops = 2\nrate = \"x\"\n"});
  const AttrSpans spans{{"gruops", {file, 1, 1, 6}}, {"rate", {file, 2, 8, 3}}};
  Diagnostics diagnostics;
  make({{"gruops", std::int64_t{2}}, {"rate", std::string("x")}, {"fit", std::string("samee")}}, diagnostics, spans);
  CHECK_EQ(diagnostics.error_count(), 4);
  std::vector<std::string> codes;
  for (const auto& d : diagnostics.all()) codes.push_back(d.code);
  CHECK_EQ(join(codes), "E0107, E0106, E0109, E0105");
  const auto text = render(diagnostics.all());
  CHECK_NE(text.find("m.toml:1:1: error[E0105]: node 'w' has no key 'gruops'"), std::string::npos);
  CHECK_NE(text.find("did you mean 'groups'?"), std::string::npos);
  CHECK_NE(text.find("m.toml:2:8: error[E0106]: 'rate' of node 'w': expected a number, got \"x\""), std::string::npos);
  CHECK_NE(text.find("expected one of \"same\", \"valid\", got \"samee\""), std::string::npos);
  CHECK_NE(text.find("node 'w' lacks 'kernel' (window)"), std::string::npos);
}

TEST_CASE("values print as graph text") {
  CHECK_EQ(to_string(AttrValue{true}), "true");
  CHECK_EQ(to_string(AttrValue{std::int64_t{-3}}), "-3");
  CHECK_EQ(to_string(AttrValue{0.1}), "0.1");
  CHECK_EQ(to_string(AttrValue{2.0}), "2.0");
  CHECK_EQ(to_string(AttrValue{1e-9}), "1e-09");
  CHECK_EQ(to_string(AttrValue{std::string("a\"b\\c\nd")}), R"("a\"b\\c\nd")");
  CHECK_EQ(to_string(AttrValue{std::vector<std::int64_t>{3, 3}}), "[3, 3]");
  CHECK_EQ(to_string(AttrValue{std::vector<double>{}}), "[]");
}

TEST_CASE("the schema documents each attribute") {
  const auto schema = schema_of<WindowAttrs>();
  REQUIRE_EQ(schema.fields.size(), 8);
  CHECK_EQ(schema.fields[0].name, "kernel");
  CHECK(schema.fields[0].required);
  CHECK_EQ(schema.fields[0].type, "an integer or [height, width]");
  CHECK_EQ(to_string(schema.fields[0].default_value), "3");
  CHECK_EQ(join(schema.fields[5].choices), "same, valid");
  CHECK_EQ(to_string(schema.fields[5].default_value), "\"valid\"");
}

TEST_CASE("attributes read as another struct are our mistake") {
  const Attrs attrs = WindowAttrs{};
  CHECK_THROWS_AS(attrs.as<NoAttrs>(), InternalError);
  const Attrs copy = attrs;
  CHECK(copy == attrs);
  CHECK(Attrs{}.to_map().empty());
}

}  // namespace
}  // namespace fcngraph
