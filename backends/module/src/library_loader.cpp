// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/module/library_loader.h>

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace fcngraph {
namespace {

/// The folder that the code at this address was loaded from; empty where nobody knows.
std::string folder_of(const void* code) {
  Dl_info info{};
  if (dladdr(code, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code ignored;
  return std::filesystem::weakly_canonical(info.dli_fname, ignored).parent_path().string();
}

class SystemLoader final : public LibraryLoader {
 public:
  std::vector<std::string> folders() const override {
    std::vector<std::string> out;
    if (const char* path = std::getenv("FCNGRAPH_MODULE_PATH")) {
      std::istringstream list(path);
      for (std::string folder; std::getline(list, folder, ':');) out.push_back(folder);
    }
    out.push_back(folder_of(reinterpret_cast<const void*>(&system_loader)));
    std::error_code ignored;
    out.push_back(std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path().string());
    return out;
  }

  bool exists(const std::string& path) const override {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
  }

  void* open(const std::string& path, std::string& why) const override {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char* error = dlerror();
      why = error != nullptr ? error : "cannot be opened";
    }
    return library;
  }

  void* symbol(void* library, const char* name) const override { return dlsym(library, name); }
};

}  // namespace

LibraryLoader::~LibraryLoader() = default;

const LibraryLoader& system_loader() {
  static const SystemLoader loader;
  return loader;
}

}  // namespace fcngraph
