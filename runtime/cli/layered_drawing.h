// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace fcngraph::cli {

/// A box of a drawing in layers. `x` is its middle, `y` its upper edge, in pixels.
struct DrawnBox {
  double width = 0, height = 0;
  bool sinks = false;  ///< has nothing above: belongs right over the first box that it leads to
  double x = 0, y = 0;
};

/// A line from the lower edge of one box to the upper edge of a later one, through points on the layers between.
struct DrawnLine {
  std::size_t from = 0, to = 0;
  std::vector<std::pair<double, double>> points;
};

struct Drawing {
  std::vector<DrawnBox> boxes;  ///< each before those that it leads to
  std::vector<DrawnLine> lines;
  double width = 0, height = 0;
};

/// Places boxes in layers, each below all that lead to it, and leads the lines around them: the method of Sugiyama, Tagawa and
/// Toda (1981). Lines that leave the same box run together as far as they go the same way. Deterministic.
void arrange(Drawing& drawing);

}  // namespace fcngraph::cli
