// SPDX-License-Identifier: Apache-2.0
#include "layered_drawing.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace fcngraph::cli {
namespace {

constexpr double kGap = 18;        // between neighbours of a layer
constexpr double kLayerGap = 34;   // between layers
constexpr double kLineWidth = 10;  // room that a passing line takes
constexpr double kMargin = 20;
constexpr int kOrderings = 12, kShifts = 24;

/// A box, or the place where a line passes a layer.
struct Cell {
  double width = 0;
  double x = 0;
  std::size_t layer = 0;
  std::vector<std::size_t> above, below;
};

class Arranger {
 public:
  explicit Arranger(Drawing& drawing) : drawing_(drawing) {}

  void run() {
    choose_layers();
    add_passages();
    for (int i = 0; i < kOrderings; ++i) order(i % 2 == 0);
    pack();
    for (int i = 0; i < kShifts; ++i) shift(i % 2 == 0);
    write();
  }

 private:
  void choose_layers() {
    for (const DrawnBox& box : drawing_.boxes) cells_.push_back({box.width, 0, 0, {}, {}});
    for (std::size_t b = 0; b < cells_.size(); ++b) {
      for (const DrawnLine& line : drawing_.lines) {
        if (line.to == b) cells_[b].layer = std::max(cells_[b].layer, cells_[line.from].layer + 1);
      }
    }
    for (std::size_t b = 0; b < cells_.size(); ++b) {
      if (!drawing_.boxes[b].sinks) continue;
      std::size_t first = cells_.size();
      for (const DrawnLine& line : drawing_.lines) {
        if (line.from == b) first = std::min(first, cells_[line.to].layer);
      }
      if (first > 0 && first < cells_.size()) cells_[b].layer = first - 1;
    }
  }

  // Between a box and one more than a layer below, a passage on each layer, shared by all lines of that box.
  void add_passages() {
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> known;
    for (DrawnLine& line : drawing_.lines) {
      std::size_t at = line.from;
      std::vector<std::size_t> path;
      for (std::size_t layer = cells_[line.from].layer + 1; layer < cells_[line.to].layer; ++layer) {
        const auto [found, fresh] = known.try_emplace({line.from, layer}, cells_.size());
        if (fresh) {
          cells_.push_back({kLineWidth, 0, layer, {}, {}});
          link(at, found->second);
        }
        path.push_back(at = found->second);
      }
      link(at, line.to);
      paths_.push_back(std::move(path));
    }
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      layers_.resize(std::max(layers_.size(), cells_[c].layer + 1));
      layers_[cells_[c].layer].push_back(c);
    }
  }

  void link(std::size_t upper, std::size_t lower) {
    cells_[upper].below.push_back(lower);
    cells_[lower].above.push_back(upper);
  }

  // Sorts each layer by the mean place of its neighbours in the layer before.
  void order(bool downwards) {
    std::vector<double> place(cells_.size(), 0);
    const auto note = [&](const std::vector<std::size_t>& layer) {
      for (std::size_t i = 0; i < layer.size(); ++i)
        place[layer[i]] = (static_cast<double>(i) + 0.5) / static_cast<double>(layer.size());
    };
    for (const auto& layer : layers_) note(layer);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      auto& layer = layers_[downwards ? i : layers_.size() - 1 - i];
      std::vector<double> wanted = place;
      for (const std::size_t c : layer) {
        const auto& neighbours = downwards ? cells_[c].above : cells_[c].below;
        if (neighbours.empty()) continue;
        double sum = 0;
        for (const std::size_t n : neighbours) sum += place[n];
        wanted[c] = sum / static_cast<double>(neighbours.size());
      }
      std::stable_sort(layer.begin(), layer.end(), [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
      note(layer);
    }
  }

  double distance(std::size_t left, std::size_t right) const {
    return (cells_[left].width + cells_[right].width) / 2 + kGap;
  }

  void pack() {
    for (const auto& layer : layers_) {
      for (std::size_t i = 1; i < layer.size(); ++i)
        cells_[layer[i]].x = cells_[layer[i - 1]].x + distance(layer[i - 1], layer[i]);
    }
  }

  // Moves each layer as near to the mean of its neighbours as order and distances allow.
  void shift(bool downwards) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const auto& layer = layers_[downwards ? i : layers_.size() - 1 - i];
      std::vector<double> wanted;
      for (const std::size_t c : layer) {
        double sum = 0, count = 0;
        for (const auto* neighbours : {&cells_[c].above, &cells_[c].below}) {
          for (const std::size_t n : *neighbours) {
            // Straight passages matter more than centred boxes.
            const double weight = cells_[c].width == kLineWidth && cells_[n].width == kLineWidth ? 8 : 1;
            sum += weight * cells_[n].x;
            count += weight;
          }
        }
        wanted.push_back(count > 0 ? sum / count : cells_[c].x);
      }
      place_nearest(layer, wanted);
    }
  }

  // Least squares under minimal distances, by pooling neighbours that would come too near.
  void place_nearest(const std::vector<std::size_t>& layer, const std::vector<double>& wanted) {
    struct Pool {
      double sum;
      std::size_t count;
      double mean() const { return sum / static_cast<double>(count); }
    };
    std::vector<double> offset(layer.size(), 0);
    std::vector<Pool> pools;
    for (std::size_t i = 0; i < layer.size(); ++i) {
      if (i > 0) offset[i] = offset[i - 1] + distance(layer[i - 1], layer[i]);
      pools.push_back({wanted[i] - offset[i], 1});
      while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
        const Pool last = pools.back();
        pools.pop_back();
        pools.back() = {pools.back().sum + last.sum, pools.back().count + last.count};
      }
    }
    std::size_t i = 0;
    for (const Pool& pool : pools) {
      for (std::size_t k = 0; k < pool.count; ++k, ++i) cells_[layer[i]].x = pool.mean() + offset[i];
    }
  }

  void write() {
    std::vector<double> top;
    double left = 0, right = 0, y = kMargin;
    std::vector<double> heights(layers_.size(), 0);
    for (std::size_t b = 0; b < drawing_.boxes.size(); ++b)
      heights[cells_[b].layer] = std::max(heights[cells_[b].layer], drawing_.boxes[b].height);
    for (const double height : heights) {
      top.push_back(y);
      y += height + kLayerGap;
    }
    for (const Cell& cell : cells_) {
      left = std::min(left, cell.x - cell.width / 2);
      right = std::max(right, cell.x + cell.width / 2);
    }
    const double shift = kMargin - left;
    for (std::size_t b = 0; b < drawing_.boxes.size(); ++b) {
      drawing_.boxes[b].x = cells_[b].x + shift;
      drawing_.boxes[b].y = top[cells_[b].layer];
    }
    for (std::size_t l = 0; l < drawing_.lines.size(); ++l) {
      DrawnLine& line = drawing_.lines[l];
      const DrawnBox &from = drawing_.boxes[line.from], &to = drawing_.boxes[line.to];
      line.points = {{from.x, from.y + from.height}};
      for (const std::size_t c : paths_[l]) {
        line.points.emplace_back(cells_[c].x + shift, top[cells_[c].layer]);
        line.points.emplace_back(cells_[c].x + shift, top[cells_[c].layer] + heights[cells_[c].layer]);
      }
      line.points.emplace_back(to.x, to.y);
    }
    drawing_.width = right - left + 2 * kMargin;
    drawing_.height = y - kLayerGap + kMargin;
  }

  Drawing& drawing_;
  std::vector<Cell> cells_;
  std::vector<std::vector<std::size_t>> layers_;
  std::vector<std::vector<std::size_t>> paths_;
};

}  // namespace

void arrange(Drawing& drawing) { Arranger(drawing).run(); }

}  // namespace fcngraph::cli
