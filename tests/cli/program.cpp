// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace fcngraph::testing {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void become(const fs::path& folder, const std::vector<std::string>& arguments, int out, int err) {
  const char* program = std::getenv("FCNGRAPH_PROGRAM");
  const int nothing = open("/dev/null", O_RDONLY);
  if (program == nullptr || chdir(folder.c_str()) != 0) _exit(127);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  std::vector<char*> words{const_cast<char*>(program)};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  execv(program, words.data());
  _exit(127);
}

}  // namespace

Outcome run_program(const fs::path& folder, const std::vector<std::string>& arguments,
                    const std::function<int(const std::string&)>& on_stderr) {
  std::array<int, 2> out{}, err{};
  REQUIRE(pipe2(out.data(), O_CLOEXEC) == 0);
  REQUIRE(pipe2(err.data(), O_CLOEXEC) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) become(folder, arguments, out[1], err[1]);
  close(out[1]);
  close(err[1]);
  Outcome outcome;
  std::array<pollfd, 2> ends = {pollfd{out[0], POLLIN, 0}, pollfd{err[0], POLLIN, 0}};
  for (int open_ends = 2; open_ends > 0 && poll(ends.data(), 2, -1) > 0;) {
    for (auto& end : ends) {
      if (end.fd < 0 || end.revents == 0) continue;
      std::array<char, 4096> buffer{};
      const auto count = read(end.fd, buffer.data(), buffer.size());
      if (count > 0) {
        (end.fd == out[0] ? outcome.out : outcome.err).append(buffer.data(), static_cast<std::size_t>(count));
        if (end.fd == err[0] && on_stderr) {
          if (const int signal = on_stderr(outcome.err); signal != 0) kill(child, signal);
        }
      } else {
        end.fd = -1;
        --open_ends;
      }
    }
  }
  close(out[0]);
  close(err[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return outcome;
}

std::string graph(const std::string& name) {
  const char* root = std::getenv("FCNGRAPH_SOURCE_DIR");
  return (fs::path(root != nullptr ? root : ".") / "graphs" / name).string();
}

Folder::Folder() {
  static int number = 0;
  path = fs::temp_directory_path() / ("fcngraph-cli-" + std::to_string(getpid()) + "-" + std::to_string(number++));
  fs::create_directories(path);
}
Folder::~Folder() { fs::remove_all(path); }

std::string Folder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path / name, std::ios::binary) << text;
  return (path / name).string();
}

}  // namespace fcngraph::testing
