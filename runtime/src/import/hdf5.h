// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <fcngraph/tensor.h>

namespace fcngraph::import {

/// An HDF5 file, open for reading. Nothing outside of it is followed: no links to other files, no data in other files.
/// Every member throws IoError in the library's own words.
///
/// Debian's HDF5 is the serial one, which must not be entered by two threads: all calls of ours share one mutex. A program that
/// uses HDF5 itself must not do so while weights are being read. Within each call the library's printing of errors is off, and put
/// back as it was.
class Hdf5File {
 public:
  /// `shown` is what messages call it.
  Hdf5File(const std::string& path, std::string shown);
  ~Hdf5File();
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  const std::string& shown() const noexcept;
  /// Paths are "/" or "a/b/c".
  bool has(const std::string& path) const;
  bool has_attribute(const std::string& path, const std::string& name) const;
  /// An attribute of strings, of fixed or variable length; empty where it has no elements.
  std::vector<std::string> strings(const std::string& path, const std::string& name) const;

  struct Child {
    std::string name;
    bool is_group = false;
  };
  /// What is below a group, by name; links are left out.
  std::vector<Child> children(const std::string& path) const;

  /// Floating-point numbers of any size and byte order as f32, Keras's bfloat16 as bf16, whole numbers as i64.
  Tensor read(const std::string& path) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fcngraph::import
