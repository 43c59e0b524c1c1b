// Exact voxel grids in native code, compiled for the machine they run on. Variants are points: f32,
// x y z each. Outputs: f32 x y z of the centroid and the number of points, a voxel each.
//
//   bricks LEAF_M        the core's own algorithm in plain C; variants may have empty slots
//   sorted-keys LEAF_M   sorted keys; empty slots are taken out beforehand, untimed
#include <new>

#include "brick-grid.h"
#include "serve.hpp"
#include "sorted-keys.hpp"

namespace {

using peer::Args;
using peer::Bytes;
using peer::Variants;

class Gridding : public peer::Task {
 public:
  Gridding(const Args& args, const Variants& variants)
      : leaf_(static_cast<float>(peer::number(args[0], 1e-3, 1e3))) {
    for (const auto& variant : variants) {
      points_.push_back(peer::numbers<float>(variant, 3));
      out_.resize(std::max(out_.size(), points_.back().size() / 3 * 4));
    }
  }

  Bytes output(std::size_t variant) override {
    run(variant);
    return peer::bytes_of(out_.data(), 4 * voxels_);
  }

 protected:
  const float leaf_;
  std::vector<std::vector<float>> points_;
  std::vector<float> out_;
  std::size_t voxels_ = 0;
};

class Bricks : public Gridding {
 public:
  Bricks(const Args& args, const Variants& variants)
      : Gridding(args, variants),
        grid_(brick_grid_new(static_cast<std::uint32_t>(out_.size() / 4)), brick_grid_free) {
    if (!grid_) throw std::bad_alloc();
  }

  void run(std::size_t variant) override {
    const auto& points = points_[variant];
    voxels_ = brick_grid_run(grid_.get(), points.data(),
                             static_cast<std::uint32_t>(points.size() / 3), leaf_, out_.data());
  }

 private:
  const std::unique_ptr<brick_grid, decltype(&brick_grid_free)> grid_;
};

class Sorted : public Gridding {
 public:
  Sorted(const Args& args, const Variants& variants) : Gridding(args, variants) {
    for (auto& points : points_) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < points.size(); i += 3) {
        const float x = points[i], y = points[i + 1], z = points[i + 2];
        if (!std::isfinite(x + y + z) || (x == 0 && y == 0 && z == 0)) continue;
        for (int axis = 0; axis < 3; axis++) points[kept + axis] = points[i + axis];
        kept += 3;
      }
      points.resize(kept);
    }
  }

  void run(std::size_t variant) override { voxels_ = grid_.run(points_[variant], leaf_, out_); }

 private:
  peer::SortedKeys grid_;
};

template <typename T>
peer::Op op() {
  return {1, [](const Args& args, const Variants& variants) {
            return std::make_unique<T>(args, variants);
          }};
}

}  // namespace

int main() { return peer::serve({{"bricks", op<Bricks>()}, {"sorted-keys", op<Sorted>()}}); }
