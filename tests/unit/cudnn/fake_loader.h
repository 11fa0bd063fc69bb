// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include <fcngraph/module/library_loader.h>

namespace fcngraph::test {

/// A machine with these libraries: by path, the names in each and their addresses. A library without names cannot be opened.
class FakeLoader final : public LibraryLoader {
 public:
  using Names = std::map<std::string, void*>;
  std::map<std::string, Names> libraries;
  mutable std::vector<std::string> opened;

  std::vector<std::string> folders() const override { return {"", "/first", "/second"}; }
  bool exists(const std::string& path) const override { return libraries.count(path) > 0; }
  void* open(const std::string& path, std::string& why) const override {
    opened.push_back(path);
    const auto found = libraries.find(path);
    if (found == libraries.end() || found->second.empty()) {
      why = path + ": undefined symbol: something";
      return nullptr;
    }
    return const_cast<Names*>(&found->second);
  }
  void* symbol(void* library, const char* name) const override {
    const auto& names = *static_cast<const Names*>(library);
    const auto found = names.find(name);
    return found == names.end() ? nullptr : found->second;
  }
};

template <class F>
void* address_of(F* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace fcngraph::test
