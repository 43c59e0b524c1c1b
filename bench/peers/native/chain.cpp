// What a careful developer puts together in C++ today for the whole job: pcl::CropBox, pcl::VoxelGrid,
// the cells of its centroids by Draco at its fastest, and libsodium for a data key in a sealed box and
// a secretstream in messages of 64 KiB. It strips, counts and pads nothing. Variants are points: f32,
// x y z each, all finite. The cells are moved so that the lowest of each axis is 0.
//
//   chain LEAF_M RECIPIENT_HEX X Y Z X Y Z   the box that is kept, two corners
//
// Output: sealed key, stream header, messages with their lengths; both of the first are the associated
// data of each message.
#include <pcl/console/print.h>
#include <pcl/filters/crop_box.h>
#include <pcl/filters/voxel_grid.h>
#include <sodium.h>

#include <algorithm>
#include <climits>
#include <cmath>

#include "clouds.hpp"
#include "draco-cells.hpp"
#include "serve.hpp"
#include "stream.hpp"

namespace {

using peer::Args;
using peer::Bytes;
using peer::Variants;

constexpr double kFar = 1e9;
constexpr int kFastest = 10;
constexpr std::size_t kMessageBytes = 65536;
constexpr std::size_t kSealedKeyBytes = peer::kKeyBytes + crypto_box_SEALBYTES;
constexpr std::size_t kPrefixBytes = kSealedKeyBytes + peer::kHeaderBytes;

class Chain : public peer::Task {
 public:
  Chain(const Args& args, const Variants& variants)
      : leaf_(static_cast<float>(peer::number(args[0], 1e-3, 1e3))),
        clouds_(peer::clouds_of(variants)),
        cropped_(new peer::Cloud) {
    const std::string& hex = args[1];
    std::size_t length = 0;
    if (sodium_hex2bin(recipient_, sizeof recipient_, hex.data(), hex.size(), nullptr, &length,
                       nullptr) != 0 ||
        length != sizeof recipient_) {
      throw std::invalid_argument("not a public key of 32 bytes: " + hex);
    }
    float at[6];
    for (int i = 0; i < 6; i++) at[i] = static_cast<float>(peer::number(args[2 + i], -kFar, kFar));
    crop_.setMin({at[0], at[1], at[2], 1});
    crop_.setMax({at[3], at[4], at[5], 1});
    grid_.setLeafSize(leaf_, leaf_, leaf_);
  }

  void run(std::size_t variant) override {
    crop_.setInputCloud(clouds_[variant]);
    crop_.filter(*cropped_);
    grid_.setInputCloud(cropped_);
    grid_.filter(reduced_);
    find_cells();
    peer::encode_cells(cells_.data(), reduced_.size(), kFastest, encoded_);
    seal();
  }

  Bytes output(std::size_t variant) override {
    run(variant);
    return sealed_;
  }

 private:
  void find_cells() {
    cells_.resize(3 * reduced_.size());
    std::int32_t low[3] = {INT_MAX, INT_MAX, INT_MAX};
    std::int32_t* cell = cells_.data();
    for (const auto& point : reduced_) {
      for (int axis = 0; axis < 3; axis++) {
        cell[axis] = static_cast<std::int32_t>(std::floor(point.data[axis] / leaf_));
        low[axis] = std::min(low[axis], cell[axis]);
      }
      cell += 3;
    }
    for (std::size_t i = 0; i < cells_.size(); i += 3) {
      for (int axis = 0; axis < 3; axis++) cells_[i + axis] -= low[axis];
    }
  }

  void seal() {
    const auto* plain = reinterpret_cast<const std::uint8_t*>(encoded_.data());
    sealed_.resize(kPrefixBytes + peer::sealed_bytes_of(encoded_.size(), kMessageBytes));
    std::uint8_t key[peer::kKeyBytes];
    crypto_secretstream_xchacha20poly1305_keygen(key);
    if (crypto_box_seal(sealed_.data(), key, sizeof key, recipient_) != 0) {
      throw std::runtime_error("the data key cannot be sealed");
    }
    crypto_secretstream_xchacha20poly1305_state state;
    crypto_secretstream_xchacha20poly1305_init_push(&state, sealed_.data() + kSealedKeyBytes, key);
    peer::seal_messages(state, plain, encoded_.size(), kMessageBytes, sealed_.data(), kPrefixBytes,
                        sealed_.data() + kPrefixBytes);
    sodium_memzero(key, sizeof key);
  }

  const float leaf_;
  std::uint8_t recipient_[crypto_box_PUBLICKEYBYTES];
  const std::vector<peer::Cloud::Ptr> clouds_;
  pcl::CropBox<pcl::PointXYZ> crop_;
  pcl::VoxelGrid<pcl::PointXYZ> grid_;
  peer::Cloud::Ptr cropped_;
  peer::Cloud reduced_;
  std::vector<std::int32_t> cells_;
  draco::EncoderBuffer encoded_;
  Bytes sealed_;
};

}  // namespace

int main() {
  if (sodium_init() < 0) return 1;
  pcl::console::setVerbosityLevel(pcl::console::L_ERROR);
  return peer::serve({{"chain", {8, [](const Args& args, const Variants& variants) {
                         return std::make_unique<Chain>(args, variants);
                       }}}});
}
