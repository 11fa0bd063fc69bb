// SPDX-License-Identifier: Apache-2.0
// A zip archive of NumPy arrays. The reader takes a path: the input lies in a file without a name.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include <fcngraph/engine/error.h>

#include "import/npz.h"
#include "target.h"

using namespace fcngraph;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("npz", 0);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  try {
    const auto archive = std::make_shared<const import::ZipFile>("/proc/self/fd/" + std::to_string(file));
    for (const auto& tensor : import::list_npz(archive)) (void)tensor.read();
  } catch (const IoError&) {  // what it promises to throw
  }
  close(file);
  return 0;
}

std::vector<std::string> fuzz::hostile_inputs() {
  const std::string end("PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00", 22);
  return {end, repeat("PK\x05\x06", 100'000), repeat("PK\x03\x04", 100'000) + end, repeat("PK\x01\x02", 100'000) + end};
}
