// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/types.h>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>

namespace fcngraph {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

TEST_CASE("dtype names go both ways") {
  for (const DType dtype : {DType::f32, DType::f64, DType::f16, DType::bf16, DType::i32, DType::i64, DType::u8}) {
    REQUIRE(dtype_from(name_of(dtype)).has_value());
    CHECK(dtype_from(name_of(dtype)).value() == dtype);
  }
  CHECK_FALSE(dtype_from("f8").has_value());
  CHECK_EQ(size_of(DType::bf16), 2);
  CHECK_EQ(size_of(DType::i64), 8);
  CHECK(is_floating(DType::f16));
  CHECK_FALSE(is_floating(DType::u8));
}

TEST_CASE("checked arithmetic refuses what does not fit") {
  CHECK_EQ(checked_mul(kMax, 1), kMax);
  CHECK_EQ(checked_add(kMax - 1, 1), kMax);
  CHECK_THROWS_AS(checked_mul(std::int64_t{1} << 32, std::int64_t{1} << 31), GraphError);
  CHECK_THROWS_AS(checked_mul(kMin, -1), GraphError);
  CHECK_THROWS_AS(checked_add(kMax, 1), GraphError);
  CHECK_THROWS_AS(checked_add(kMin, -1), GraphError);
}

TEST_CASE("a shape counts its elements or says why it cannot") {
  CHECK_EQ(Shape{}.elements(), 1);
  CHECK_EQ((Shape{1, 3, 224, 224}).elements(), 150'528);
  CHECK_EQ((Shape{4, 0, 7}).elements(), 0);
  CHECK_THROWS_AS((Shape{2, -1}).elements(), GraphError);
  CHECK_THROWS_AS((Shape{1 << 30, 1 << 30, 1 << 30}).elements(), GraphError);
  CHECK_EQ(to_string(Shape{1, 3, 224, 224}), "[1, 3, 224, 224]");
  CHECK_EQ(to_string(Shape{}), "[]");
  CHECK_THROWS_AS((Shape{1}[1]), std::out_of_range);
}

TEST_CASE("a type prints its layout and counts its padding") {
  const TensorType plain{DType::f32, {1, 3, 8, 8}, {}};
  CHECK_EQ(to_string(plain), "f32[1, 3, 8, 8]");
  CHECK_EQ(bytes_of(plain), 768);
  const TensorType blocked{DType::f32, {1, 3, 8, 8}, {"aBcd16b", 4096}};
  CHECK_EQ(to_string(blocked), "f32[1, 3, 8, 8]{aBcd16b}");
  CHECK_EQ(bytes_of(blocked), 4096);
  CHECK_FALSE(plain == blocked);
  CHECK_THROWS_AS(bytes_of({DType::f64, {kMax / 4}, {}}), GraphError);
}

TEST_CASE("bytes read as a person reads them") {
  CHECK_EQ(human_bytes(0), "0 B");
  CHECK_EQ(human_bytes(1023), "1023 B");
  CHECK_EQ(human_bytes(1536), "1.5 KiB");
  CHECK_EQ(human_bytes(std::int64_t{3} << 30), "3.0 GiB");
  CHECK_EQ(human_bytes(kMax), "8.0 EiB");
}

TEST_CASE("sizes are read as people write them") {
  CHECK(bytes_from("4GiB") == std::int64_t{4} << 30);
  CHECK(bytes_from("1.5 KiB") == 1536);
  CHECK(bytes_from("1000") == 1000);
  CHECK(bytes_from("0 B") == 0);
  for (const char* bad : {"", "GiB", "4 GB", "4  GiB", "4GiB ", "-1", "nan", "inf", "1e3", "5 EiB", "4 gib"})
    CHECK_MESSAGE(!bytes_from(bad), bad);
}

TEST_CASE("samples lie apart where the first axis is the outermost, undivided") {
  const Shape shape{2, 16, 4, 4};
  CHECK(samples_lie_apart({DType::f32, shape, {}}));
  CHECK(samples_lie_apart({DType::f32, shape, {"aBcd16b", 4096}}));
  CHECK(samples_lie_apart({DType::f32, shape, {"acdb", 2048}}));
  CHECK_FALSE(samples_lie_apart({DType::f32, shape, {"ABcd16b16a", 16384}}));
  CHECK_FALSE(samples_lie_apart({DType::f32, shape, {"cdba", 2048}}));
  CHECK_FALSE(samples_lie_apart({DType::f32, Shape{}, {}}));
}

}  // namespace
}  // namespace fcngraph
