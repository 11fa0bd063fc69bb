// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fcngraph/engine/export.h>

namespace fcngraph {

enum class DType : std::uint8_t { f32, f64, f16, bf16, i32, i64, u8 };

FCNGRAPH_API std::size_t size_of(DType dtype) noexcept;
FCNGRAPH_API std::string_view name_of(DType dtype) noexcept;
FCNGRAPH_API std::optional<DType> dtype_from(std::string_view name) noexcept;
FCNGRAPH_API bool is_floating(DType dtype) noexcept;

/// Extents of a tensor, outermost first. Images and features are always N, C, H, W here, whatever the layout in memory.
class FCNGRAPH_API Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<std::int64_t> dims) : dims_(std::move(dims)) {}

  std::size_t rank() const noexcept { return dims_.size(); }
  std::int64_t operator[](std::size_t i) const { return dims_.at(i); }
  std::int64_t& operator[](std::size_t i) { return dims_.at(i); }
  std::span<const std::int64_t> dims() const noexcept { return dims_; }

  /// Product of the extents. Throws GraphError when it does not fit in 63 bits or an extent is negative.
  std::int64_t elements() const;
  bool operator==(const Shape&) const = default;

 private:
  std::vector<std::int64_t> dims_;
};

/// "[1, 3, 224, 224]"
FCNGRAPH_API std::string to_string(const Shape& shape);

/// How a tensor lies in memory. The empty tag is plain row-major order of the shape (NCHW, OIHW); any other tag belongs to
/// the backend that asked for it ("aBcd16b", "acdb"), and `bytes` is then the physical size, padding included.
struct Layout {
  std::string tag;
  std::int64_t bytes = 0;
  bool is_plain() const noexcept { return tag.empty(); }
  bool operator==(const Layout&) const = default;
};

/// dtype, shape and layout of a value.
struct TensorType {
  DType dtype = DType::f32;
  Shape shape;
  Layout layout;
  bool operator==(const TensorType&) const = default;
};

/// Whether each sample, an index of the first extent, is one piece of memory: in plain layout, and where the layout's tag, which
/// names axes a, b, c, ... from the outermost inwards, begins with that axis undivided.
FCNGRAPH_API bool samples_lie_apart(const TensorType& type);

/// Bytes that a tensor takes in memory. Throws GraphError on overflow.
FCNGRAPH_API std::int64_t bytes_of(const TensorType& type);

/// "f32[1, 3, 224, 224]", with "{aBcd16b}" behind it where the layout is not plain.
FCNGRAPH_API std::string to_string(const TensorType& type);

/// Checked arithmetic for sizes that come from a file; throws GraphError("... overflows").
FCNGRAPH_API std::int64_t checked_mul(std::int64_t a, std::int64_t b);
FCNGRAPH_API std::int64_t checked_add(std::int64_t a, std::int64_t b);

/// "1.4 GiB": bytes as a person reads them.
FCNGRAPH_API std::string human_bytes(std::int64_t bytes);
/// The way back: "4GiB", "512 MiB", "1.5 KiB", "1000"; nothing where the text is no such size, or one below 0 or above 2^62.
FCNGRAPH_API std::optional<std::int64_t> bytes_from(std::string_view text);

}  // namespace fcngraph
