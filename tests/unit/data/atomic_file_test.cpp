// SPDX-License-Identifier: Apache-2.0
#include "atomic_file.h"

#include <sys/resource.h>

#include <csignal>

#include <doctest/doctest.h>

#include <fcngraph/image.h>

#include "temporary_folder.h"

using namespace fcngraph;

namespace {

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

// Stands for a full disk: the system refuses to let a file grow beyond the limit.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("an atomic file appears when it is committed") {
  const TemporaryFolder folder;
  const auto path = folder / "a.txt";
  {
    AtomicFile file(path);
    file.write("hello ");
    CHECK_FALSE(std::filesystem::exists(path));
    file.write("there");
    file.commit();
  }
  CHECK(TemporaryFolder::read(path) == "hello there");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("an atomic file that is not committed leaves what was there") {
  const TemporaryFolder folder;
  const auto path = folder.put("a.txt", "old");
  {
    AtomicFile file(path);
    file.write("new");
  }
  CHECK(TemporaryFolder::read(path) == "old");
  CHECK(files_in(folder.path()) == 1);
  fcngraph::write_file(path, "new");
  CHECK(TemporaryFolder::read(path) == "new");
}

TEST_CASE("a full disk is reported and loses nothing") {
  const TemporaryFolder folder;
  const auto path = folder.put("a.txt", "old");
  std::string message;
  {
    const FileSizeLimit limit(4096);
    message = message_of([&] { fcngraph::write_file(path, std::string(10000, 'x')); });
  }
  CHECK(message == path + ": cannot write: File too large");
  CHECK(TemporaryFolder::read(path) == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a folder that cannot be written to is reported in the system's words") {
  const TemporaryFolder folder;
  const auto file = folder.put("file", "");
  CHECK(message_of([&] { fcngraph::write_file(folder / "none/a.txt", "x"); }) ==
        folder / "none/a.txt" + ": cannot create: No such file or directory");
  CHECK(message_of([&] { fcngraph::write_file(file + "/a.txt", "x"); }) ==
        file + "/a.txt: cannot create: Not a directory");
  CHECK(message_of([&] { fcngraph::write_file(folder.path(), "x"); }) ==
        folder.path() + ": cannot write: it is a folder");
  CHECK_THROWS_AS(fcngraph::save_image("/proc/none/a.png", fcngraph::make_image(1, 1)), IoError);
  CHECK_THROWS_AS(fcngraph::save_labels("/proc/none/a.png", fcngraph::make_labels(1, 1)), IoError);
}
