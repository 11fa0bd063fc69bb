// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fcngraph/tensor.h>

#include "import/hdf5/links.h"

namespace fcngraph::import {

/// An HDF5 file in memory: the part of the format that h5py writes by default, which is what Keras uses. Nothing outside of the file is
/// followed: no links to other files, no data in other files. Every member throws IoError. A file is for one thread at a time.
class Hdf5File {
 public:
  /// `owner` keeps the bytes alive; `shown` is what messages call the file.
  Hdf5File(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, std::string shown);

  const std::string& shown() const noexcept { return file_.shown; }
  /// Paths are "/" or "a/b/c".
  bool has(const std::string& path) const;
  bool has_attribute(const std::string& path, const std::string& name) const;
  /// An attribute of strings, of fixed or variable length; empty where it has no elements.
  std::vector<std::string> strings(const std::string& path, const std::string& name) const;

  struct Child {
    std::string name;
    bool is_group = false;
  };
  /// What is below a group, by name; links to elsewhere are left out.
  std::vector<Child> children(const std::string& path) const;

  /// Floating-point numbers of any size and byte order as f32, Keras's bfloat16 as bf16, whole numbers as i64.
  Tensor read(const std::string& path) const;

 private:
  const hdf5::Links& links(std::uint64_t group) const;
  std::uint64_t find(
      const std::string& path) const;  ///< address of the object's header, kUndefined where there is none
  hdf5::ObjectHeader object(const std::string& path) const;

  hdf5::FileBytes file_;
  std::shared_ptr<const void> owner_;
  std::uint64_t root_ = 0;
  mutable std::map<std::uint64_t, hdf5::Links> links_;  ///< of the groups that were asked for, by address
};

}  // namespace fcngraph::import
