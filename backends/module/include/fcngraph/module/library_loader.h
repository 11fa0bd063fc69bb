// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace fcngraph {

/// Finds and opens shared libraries: the system's way, or a test's.
class LibraryLoader {
 public:
  virtual ~LibraryLoader();
  /// Where to look for what belongs to us, in order.
  virtual std::vector<std::string> folders() const = 0;
  virtual bool exists(const std::string& path) const = 0;
  /// Opens a library by path, or by name where the system looks. Null where that fails, and `why` says so.
  virtual void* open(const std::string& path, std::string& why) const = 0;
  /// The address of a name in an opened library; null where it has none.
  virtual void* symbol(void* library, const char* name) const = 0;
};

/// dlopen. Looks in the folders of FCNGRAPH_MODULE_PATH (separated by colons), in that of the library that this code is part of,
/// and in that of the program. What is opened stays open.
const LibraryLoader& system_loader();

}  // namespace fcngraph
