// Clouds of PCL from variants of f32, x y z each, and back.
#pragma once

#include <pcl/point_cloud.h>
#include <pcl/point_types.h>

#include <vector>

#include "serve.hpp"

namespace peer {

using Cloud = pcl::PointCloud<pcl::PointXYZ>;

inline Cloud::Ptr cloud_of(const Bytes& variant) {
  const auto values = numbers<float>(variant, 3);
  Cloud::Ptr cloud(new Cloud);
  for (std::size_t i = 0; i < values.size(); i += 3) {
    cloud->push_back(pcl::PointXYZ(values[i], values[i + 1], values[i + 2]));
  }
  return cloud;
}

inline std::vector<Cloud::Ptr> clouds_of(const Variants& variants) {
  std::vector<Cloud::Ptr> clouds;
  for (const auto& variant : variants) clouds.push_back(cloud_of(variant));
  return clouds;
}

// f32, x y z each.
inline Bytes bytes_of_cloud(const Cloud& cloud) {
  std::vector<float> values;
  for (const auto& point : cloud) values.insert(values.end(), {point.x, point.y, point.z});
  return bytes_of(values.data(), values.size());
}

}  // namespace peer
