// OctoMap as its package ships it: A. Hornung et al., "OctoMap: An Efficient Probabilistic 3D Mapping
// Framework Based on Octrees", Autonomous Robots 2013. Not a server of variants as the other peers: the
// scans of a run are too many to be loaded at once, so they come one by one. Run by `mapveil bench people`.
//
//   octomap LEAF_M points|cells
//
// points: a ray for each point, which is what insertPointCloud does when nothing else is asked for.
// cells: a ray for each cell with a point in it (its option `discretize`). Both leave the inner nodes
// for the end (`lazy_eval`), since nothing asks for them, which is the faster way.
//
// On stdin, little-endian: u32 what (0 insert, 1 ask), u32 points, pose as 7 f64 (x y z, quaternion
// w x y z), then the points in the sensor's frame as f32 x y z. On stdout: u64 nanoseconds for an
// insertion, a byte for each point asked (1 occupied, 0 free or unknown).
#include <octomap/octomap.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr std::uint32_t kPointsMax = 1 << 22;

struct Head {
  std::uint32_t what;
  std::uint32_t points;
  double pose[7];
};
static_assert(sizeof(Head) == 64);

bool read(void* to, std::size_t bytes) { return std::fread(to, 1, bytes, stdin) == bytes; }

void write(const void* from, std::size_t bytes) {
  if (std::fwrite(from, 1, bytes, stdout) != bytes || std::fflush(stdout) != 0) std::exit(1);
}

int refuse(const char* why) {
  std::fprintf(stderr, "octomap: %s\n", why);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return refuse("usage: octomap LEAF_M points|cells");
  const double leaf = std::atof(argv[1]);
  const bool by_cell = std::strcmp(argv[2], "cells") == 0;
  if (!(leaf >= 1e-3 && leaf <= 1e3)) return refuse("a leaf between 0.001 and 1000 m");
  if (!by_cell && std::strcmp(argv[2], "points") != 0) return refuse("points or cells");
  octomap::OcTree tree(leaf);
  std::vector<float> xyz;
  std::vector<std::uint8_t> answer;
  for (Head head; read(&head, sizeof head);) {
    if (head.what > 1 || head.points > kPointsMax) return refuse("not a scan");
    xyz.resize(std::size_t{3} * head.points);
    if (!read(xyz.data(), xyz.size() * sizeof(float))) return refuse("a scan that is cut short");
    const double* p = head.pose;
    const octomap::pose6d pose(
        octomap::point3d(static_cast<float>(p[0]), static_cast<float>(p[1]),
                         static_cast<float>(p[2])),
        octomath::Quaternion(static_cast<float>(p[3]), static_cast<float>(p[4]),
                             static_cast<float>(p[5]), static_cast<float>(p[6])));
    if (head.what == 0) {
      octomap::Pointcloud cloud;
      cloud.reserve(head.points);
      for (std::size_t i = 0; i < xyz.size(); i += 3) {
        cloud.push_back(xyz[i], xyz[i + 1], xyz[i + 2]);
      }
      const auto start = std::chrono::steady_clock::now();
      tree.insertPointCloud(cloud, octomap::point3d(0, 0, 0), pose, -1, true, by_cell);
      const auto end = std::chrono::steady_clock::now();
      const std::uint64_t ns = std::chrono::nanoseconds(end - start).count();
      write(&ns, sizeof ns);
      continue;
    }
    answer.resize(head.points);
    for (std::uint32_t i = 0; i < head.points; i++) {
      const auto point = pose.transform({xyz[3 * i], xyz[3 * i + 1], xyz[3 * i + 2]});
      const auto* node = tree.search(point);
      answer[i] = node != nullptr && tree.isNodeOccupied(node) ? 1 : 0;
    }
    write(answer.data(), answer.size());
  }
  return 0;
}
