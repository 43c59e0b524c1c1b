// Draco's point cloud codec. Variants are cells: i32, x y z each.
//
//   encode SPEED   output: Draco's bytes
//   decode SPEED   decodes what was encoded at this speed; output: i32, x y z each, in Draco's order
#include "draco-cells.hpp"
#include "serve.hpp"

namespace {

using peer::Args;
using peer::Bytes;
using peer::Variants;

constexpr std::size_t kSpeedMax = 10;

class Encode : public peer::Task {
 public:
  Encode(const Args& args, const Variants& variants)
      : speed_(static_cast<int>(peer::whole(args[0], 0, kSpeedMax))) {
    for (const auto& variant : variants) {
      cells_.push_back(peer::numbers<std::int32_t>(variant, 3));
    }
  }

  void run(std::size_t variant) override {
    const auto& cells = cells_[variant];
    peer::encode_cells(cells.data(), cells.size() / 3, speed_, out_);
  }

  Bytes output(std::size_t variant) override {
    run(variant);
    return peer::bytes_of(out_.data(), out_.size());
  }

 private:
  const int speed_;
  std::vector<std::vector<std::int32_t>> cells_;
  draco::EncoderBuffer out_;
};

class Decode : public peer::Task {
 public:
  Decode(const Args& args, const Variants& variants) {
    Encode encode(args, variants);
    for (std::size_t i = 0; i < variants.size(); i++) encoded_.push_back(encode.output(i));
  }

  void run(std::size_t variant) override {
    const auto& bytes = encoded_[variant];
    peer::decode_cells(reinterpret_cast<const char*>(bytes.data()), bytes.size(), cells_);
  }

  Bytes output(std::size_t variant) override {
    run(variant);
    return peer::bytes_of(cells_.data(), cells_.size());
  }

 private:
  Variants encoded_;
  std::vector<std::int32_t> cells_;
};

template <typename T>
peer::Op op() {
  return {1, [](const Args& args, const Variants& variants) {
            return std::make_unique<T>(args, variants);
          }};
}

}  // namespace

int main() { return peer::serve({{"encode", op<Encode>()}, {"decode", op<Decode>()}}); }
