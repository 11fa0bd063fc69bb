// SPDX-License-Identifier: Apache-2.0
#include "training/run_folder.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include <fcngraph/engine/error.h>
#include <unistd.h>

namespace fcngraph::training {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("fcngraph-run-folder-" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

TEST_CASE("a folder that cannot be made says why, and one that holds a run is left alone") {
  const Folder folder;
  std::ofstream(folder.path / "file") << "x";
  CHECK_THROWS_AS(RunFolder::create(folder.path / "file" / "run"), IoError);
  RunFolder::create(folder.path / "run");
  std::ofstream(folder.path / "run" / "manifest.json") << "{}";
  CHECK_THROWS_AS(RunFolder::create(folder.path / "run"), IoError);
}

TEST_CASE("what is no run is not opened as one, and damage is an error that names the file") {
  const Folder folder;
  CHECK_THROWS_AS(RunFolder::open(folder.path), IoError);
  CHECK_THROWS_AS(RunFolder::open(folder.path / "absent"), IoError);
  for (const char* text :
       {"", "{", "[]", "{\"format_version\": 1}", "{\"format_version\": 2}", "{\"format_version\": \"x\"}"}) {
    CAPTURE(text);
    std::ofstream(folder.path / "manifest.json") << text;
    CHECK_THROWS_AS(RunFolder::open(folder.path).read_manifest(), IoError);
  }
  CHECK_THROWS_AS(RunFolder::open(folder.path).read_graph(), IoError);
}

}  // namespace
}  // namespace fcngraph::training
