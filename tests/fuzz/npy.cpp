// SPDX-License-Identifier: Apache-2.0
// A NumPy array. The reader takes a path: the input lies in a file without a name.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

#include <fcngraph/engine/error.h>
#include <fcngraph/tensor.h>

#include "target.h"

using namespace fcngraph;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("npy", 0);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  try {
    (void)load_npy("/proc/self/fd/" + std::to_string(file));
  } catch (const IoError&) {  // what it promises to throw
  }
  close(file);
  return 0;
}

std::vector<std::string> fuzz::hostile_inputs() {
  const auto file = [](const std::string& header) {
    std::string out("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(header.size() & 255U);
    out += static_cast<char>(header.size() >> 8U);
    return out + header;
  };
  const std::string start = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  return {file(start + "4611686018427387904, 4611686018427387904), }\n"),
          file(start + "1099511627776,), }\n"),
          file(start + repeat("1, ", 20000) + "), }\n"),
          file(start + "-1,), }\n"),
          file(start + "99999999999999999999999,), }\n"),
          file(repeat("{", 60000))};
}
