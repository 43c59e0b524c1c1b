// PCL's filters as its package ships them. Variants are points: f32, x y z each, all finite; outputs
// as well. Where a grid of these would have more than 2^31 cells, VoxelGrid warns on the console and
// hands back the cloud as it was; the warning is not printed here, since printing takes time.
//
//   voxel-grid LEAF_M               pcl::VoxelGrid
//   approximate-voxel-grid LEAF_M   pcl::ApproximateVoxelGrid: several points a cell
//   crop-box X Y Z X Y Z            pcl::CropBox: keeps what is between two corners
#include <pcl/console/print.h>
#include <pcl/filters/approximate_voxel_grid.h>
#include <pcl/filters/crop_box.h>
#include <pcl/filters/voxel_grid.h>

#include "clouds.hpp"
#include "serve.hpp"

namespace {

using peer::Args;
using peer::Bytes;
using peer::Variants;

constexpr double kFar = 1e9;

template <typename Filter>
class Filtering : public peer::Task {
 public:
  explicit Filtering(const Variants& variants) : clouds_(peer::clouds_of(variants)) {}

  void run(std::size_t variant) override {
    filter_.setInputCloud(clouds_[variant]);
    filter_.filter(out_);
  }

  Bytes output(std::size_t variant) override {
    run(variant);
    return peer::bytes_of_cloud(out_);
  }

 protected:
  Filter filter_;

 private:
  const std::vector<peer::Cloud::Ptr> clouds_;
  peer::Cloud out_;
};

template <typename Filter>
class Grid : public Filtering<Filter> {
 public:
  Grid(const Args& args, const Variants& variants) : Filtering<Filter>(variants) {
    const auto leaf = static_cast<float>(peer::number(args[0], 1e-3, 1e3));
    this->filter_.setLeafSize(leaf, leaf, leaf);
  }
};

class Crop : public Filtering<pcl::CropBox<pcl::PointXYZ>> {
 public:
  Crop(const Args& args, const Variants& variants) : Filtering(variants) {
    float corner[6];
    for (int i = 0; i < 6; i++) corner[i] = static_cast<float>(peer::number(args[i], -kFar, kFar));
    filter_.setMin({corner[0], corner[1], corner[2], 1});
    filter_.setMax({corner[3], corner[4], corner[5], 1});
  }
};

template <typename T>
peer::Op op(std::size_t args) {
  return {args, [](const Args& given, const Variants& variants) {
            return std::make_unique<T>(given, variants);
          }};
}

}  // namespace

int main() {
  pcl::console::setVerbosityLevel(pcl::console::L_ERROR);
  return peer::serve(
      {{"voxel-grid", op<Grid<pcl::VoxelGrid<pcl::PointXYZ>>>(1)},
       {"approximate-voxel-grid", op<Grid<pcl::ApproximateVoxelGrid<pcl::PointXYZ>>>(1)},
       {"crop-box", op<Crop>(6)}});
}
