// SPDX-License-Identifier: Apache-2.0
#include "data/preprocess.h"

#include <array>

#include <fcngraph/engine/error.h>
#include <fcngraph/engine/half.h>

namespace fcngraph::data {
namespace {

/// Output plane i is (source plane `from[i]` - subtract[i]) * scale[i], or divided, as the original code of each does
/// it.
struct Recipe {
  std::array<int, 3> from;
  std::array<float, 3> divide;
  std::array<float, 3> subtract;
  std::array<float, 3> divide_after;
};

constexpr Recipe kCaffe = {{2, 1, 0}, {1, 1, 1}, {103.939F, 116.779F, 123.68F}, {1, 1, 1}};
constexpr Recipe kCaffeFcn = {{2, 1, 0}, {1, 1, 1}, {104.00699F, 116.66877F, 122.67892F}, {1, 1, 1}};
constexpr Recipe kTf = {{0, 1, 2}, {127.5F, 127.5F, 127.5F}, {1, 1, 1}, {1, 1, 1}};
constexpr Recipe kTorch = {{0, 1, 2}, {255, 255, 255}, {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}};
constexpr Recipe kNone = {{0, 1, 2}, {1, 1, 1}, {0, 0, 0}, {1, 1, 1}};

float rounded(float value) { return half_to_float(float_to_half(value)); }

const Recipe& recipe_of(Preprocess preprocess) {
  switch (preprocess) {
    case Preprocess::caffe:
      return kCaffe;
    case Preprocess::caffe_fcn:
      return kCaffeFcn;
    case Preprocess::tf:
      return kTf;
    case Preprocess::torch:
      return kTorch;
    case Preprocess::none:
      break;
  }
  return kNone;
}

}  // namespace

Preprocess preprocess_from(const std::string& name) {
  if (name == "caffe") return Preprocess::caffe;
  if (name == "caffe_fcn") return Preprocess::caffe_fcn;
  if (name == "tf") return Preprocess::tf;
  if (name == "torch") return Preprocess::torch;
  if (name == "none") return Preprocess::none;
  throw GraphError("preprocess '" + name + "' is unknown, expected caffe, caffe_fcn, tf, torch or none");
}

NormalizePixelsAttrs normalization_of(Preprocess preprocess) {
  const Recipe& recipe = recipe_of(preprocess);
  FCNGRAPH_ASSERT(recipe.divide[0] == recipe.divide[1] && recipe.divide[1] == recipe.divide[2], "one divisor");
  // Each of the floats is a double that rounds to it.
  return {.reversed = recipe.from[0] == 2,
          .divide = recipe.divide[0],
          .mean = {recipe.subtract.begin(), recipe.subtract.end()},
          .deviation = {recipe.divide_after.begin(), recipe.divide_after.end()}};
}

void preprocess_row(Preprocess preprocess, const float* rgb, std::int64_t width, float* row, std::int64_t plane,
                    bool half) {
  const Recipe& recipe = recipe_of(preprocess);
  for (std::size_t c = 0; c < 3; ++c) {
    const float* source = rgb + recipe.from[c] * width;
    float* out = row + static_cast<std::int64_t>(c) * plane;
    const float divide = recipe.divide[c], subtract = recipe.subtract[c], after = recipe.divide_after[c];
    if (half) {
      const float by = rounded(divide), minus = rounded(subtract), then = rounded(after);
      for (std::int64_t x = 0; x < width; ++x)
        out[x] = rounded(rounded(rounded(rounded(source[x]) / by) - minus) / then);
      continue;
    }
    for (std::int64_t x = 0; x < width; ++x) out[x] = (source[x] / divide - subtract) / after;
  }
}

}  // namespace fcngraph::data
