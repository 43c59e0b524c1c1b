// Open3D's VoxelDownSample. Its grid begins half a leaf below the lowest corner of the cloud, so it
// has other cells than one that begins at 0. Variants and outputs are points: f32, x y z each.
//
//   voxel-down-sample LEAF_M
#include <open3d/geometry/PointCloud.h>

#include "serve.hpp"

namespace {

using peer::Args;
using peer::Bytes;
using peer::Variants;

class DownSample : public peer::Task {
 public:
  DownSample(const Args& args, const Variants& variants)
      : leaf_(peer::number(args[0], 1e-3, 1e3)) {
    for (const auto& variant : variants) {
      const auto values = peer::numbers<float>(variant, 3);
      open3d::geometry::PointCloud cloud;
      for (std::size_t i = 0; i < values.size(); i += 3) {
        cloud.points_.emplace_back(values[i], values[i + 1], values[i + 2]);
      }
      clouds_.push_back(std::move(cloud));
    }
  }

  void run(std::size_t variant) override { out_ = clouds_[variant].VoxelDownSample(leaf_); }

  Bytes output(std::size_t variant) override {
    run(variant);
    std::vector<float> values;
    for (const auto& point : out_->points_) {
      for (int axis = 0; axis < 3; axis++) values.push_back(static_cast<float>(point[axis]));
    }
    return peer::bytes_of(values.data(), values.size());
  }

 private:
  const double leaf_;
  std::vector<open3d::geometry::PointCloud> clouds_;
  std::shared_ptr<open3d::geometry::PointCloud> out_;
};

}  // namespace

int main() {
  return peer::serve({{"voxel-down-sample", {1, [](const Args& args, const Variants& variants) {
                         return std::make_unique<DownSample>(args, variants);
                       }}}});
}
