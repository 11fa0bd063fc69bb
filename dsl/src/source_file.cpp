// SPDX-License-Identifier: Apache-2.0
#include "source_file.h"

#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace fcngraph::dsl {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargest = 16U << 20U;
constexpr std::size_t kListed = 1000;

/// "did you mean 'vgg19.toml'?" from what lies beside the missing file.
std::string neighbour(const fs::path& path) {
  std::error_code error;
  const auto folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
  std::vector<std::string> names;
  for (fs::directory_iterator it(folder, error), end; !error && it != end && names.size() < kListed;
       it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  return did_you_mean(path.filename().string(), names);
}

}  // namespace

std::shared_ptr<const SourceFile> read_source(const fs::path& path, const SourceSpan& asked_at,
                                              Diagnostics& diagnostics) {
  auto file = std::make_shared<SourceFile>(SourceFile{path.string(), {}});
  const auto fail = [&](const std::string& why,
                        const std::string& suggestion = {}) -> std::shared_ptr<const SourceFile> {
    const SourceSpan span = asked_at.file ? asked_at : SourceSpan{file, 0, 0, 1};
    diagnostics.error("E0100", span, "cannot read '" + path.string() + "': " + why, suggestion);
    return nullptr;
  };
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return fail("there is no such file", neighbour(path));
  if (status.type() == fs::file_type::directory) return fail("it is a folder");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return fail(error ? error.message() : "it cannot be opened; check its permissions");
  // Read by the piece, so that a device without an end stops at the limit too.
  std::vector<char> piece(64U << 10U);
  while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())) || stream.gcount() > 0) {
    file->text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
    if (file->text.size() > kLargest) {
      file->text.clear();
      return fail("it is larger than 16 MiB, which no model file is");
    }
  }
  if (stream.bad()) return fail("reading failed");
  if (file->text.find('\0') != std::string::npos) {
    file->text.clear();
    return fail("it holds zero bytes, so it is not a text file");
  }
  return file;
}

}  // namespace fcngraph::dsl
