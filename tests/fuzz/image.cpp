// SPDX-License-Identifier: Apache-2.0
// A picture: PNG, JPEG or BMP by its first bytes, and a PNG's values as a mask.
#include <fcngraph/engine/error.h>

#include "data/formats/codecs.h"
#include "target.h"

using namespace fcngraph;

namespace {

template <class Decode>
void attempt(Decode decode, data::Bytes bytes) {
  try {
    (void)decode("fuzz", bytes);
  } catch (const IoError&) {  // what it promises to throw
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const data::Bytes bytes{data, size};
  switch (data::kind_of(bytes)) {
    case data::FileKind::png:
      attempt(data::decode_png, bytes);
      attempt(data::decode_png_values, bytes);
      break;
    case data::FileKind::jpeg:
      attempt([](const char* path, data::Bytes jpeg) { return data::decode_jpeg(path, jpeg); }, bytes);
      for (const int part : {2, 4, 8}) {
        const auto decode = [part](const char* path, data::Bytes jpeg) {
          return data::decode_jpeg(path, jpeg, [part](const ImageSize&) { return part; });
        };
        attempt(decode, bytes);
      }
      break;
    case data::FileKind::bmp:
      attempt(data::decode_bmp, bytes);
      break;
    default:
      break;
  }
  return 0;
}

std::vector<std::string> fuzz::hostile_inputs() {
  const std::string png("\x89PNG\r\n\x1a\n", 8);
  // A header that promises 65535 x 65535 pixels, with nothing behind it.
  const std::string ihdr("\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x02\0\0\0\0\0\0\0", 25);
  return {png,
          png + ihdr,
          png + repeat("\xff", 100000),
          "BM" + repeat("\xff", 100),
          "\xff\xd8\xff" + repeat("\xff", 100000),
          "\xff\xd8\xff" + repeat(std::string("\xe1\x00\x02", 3), 100000)};
}
