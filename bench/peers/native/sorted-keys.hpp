// An exact voxel grid without a table, after the way of small_gicp: the cell of each point packed into
// 64 bits, keys sorted, runs of equal keys averaged in double precision.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace peer {

class SortedKeys {
 public:
  // Writes x y z of the centroid and the number of points of each voxel to `out`; returns how many.
  // All points are finite; those of 2^20 cells and farther are left out.
  std::size_t run(const std::vector<float>& xyz, float leaf, std::vector<float>& out) {
    keys_.clear();
    const std::size_t points = xyz.size() / 3;
    keys_.reserve(points);
    for (std::size_t i = 0; i < points; i++) {
      std::uint64_t key = 0;
      bool inside = true;
      for (int axis = 0; axis < 3; axis++) {
        const float at = xyz[3 * i + axis] / leaf;
        inside &= std::fabs(at) < kLimit;
        key |= static_cast<std::uint64_t>(static_cast<std::int64_t>(std::floor(inside ? at : 0)) + kOffset)
               << (kAxisBits * axis);
      }
      if (inside) keys_.emplace_back(key, static_cast<std::uint32_t>(i));
    }
    std::sort(keys_.begin(), keys_.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return average(xyz, out);
  }

 private:
  static constexpr int kAxisBits = 21;
  static constexpr std::int64_t kOffset = std::int64_t{1} << (kAxisBits - 1);
  static constexpr float kLimit = 1 << (kAxisBits - 1);

  std::size_t average(const std::vector<float>& xyz, std::vector<float>& out) const {
    std::size_t voxels = 0;
    for (std::size_t first = 0; first < keys_.size();) {
      double sum[3] = {0, 0, 0};
      std::size_t end = first;
      for (; end < keys_.size() && keys_[end].first == keys_[first].first; end++) {
        const float* point = &xyz[std::size_t{3} * keys_[end].second];
        for (int axis = 0; axis < 3; axis++) sum[axis] += point[axis];
      }
      const auto count = static_cast<double>(end - first);
      for (int axis = 0; axis < 3; axis++) {
        out[4 * voxels + axis] = static_cast<float>(sum[axis] / count);
      }
      out[4 * voxels + 3] = static_cast<float>(count);
      voxels++;
      first = end;
    }
    return voxels;
  }

  std::vector<std::pair<std::uint64_t, std::uint32_t>> keys_;
};

}  // namespace peer
