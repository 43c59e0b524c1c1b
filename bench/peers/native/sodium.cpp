// libsodium. The argument of every operation is the most bytes of a message; 32 bytes of associated
// data, all of the value 7, go with each.
//
//   secretstream MESSAGE_BYTES        output: key, header, messages with their lengths
//   secretstream-open MESSAGE_BYTES   opens what the first sealed; output: the plaintext
//   xchacha20poly1305 MESSAGE_BYTES   output: key, nonce of the first message, messages with their
//                                     lengths; each next nonce is the one before plus one
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "serve.hpp"
#include "stream.hpp"

namespace {

using peer::Args;
using peer::Bytes;
using peer::Variants;

constexpr std::size_t kMessageBytesMax = std::size_t{1} << 30;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kPrefixBytes = peer::kKeyBytes + peer::kHeaderBytes;
static_assert(kNonceBytes == peer::kHeaderBytes);

const Bytes kAd(32, 7);

std::size_t largest(const Variants& variants) {
  std::size_t most = 0;
  for (const auto& variant : variants) most = variant.size() > most ? variant.size() : most;
  return most;
}

class Sealing : public peer::Task {
 public:
  Sealing(const Args& args, const Variants& variants)
      : message_(peer::whole(args[0], 1, kMessageBytesMax)),
        variants_(variants),
        out_(kPrefixBytes + peer::sealed_bytes_of(largest(variants), message_)) {
    crypto_secretstream_xchacha20poly1305_keygen(out_.data());
  }

  Bytes output(std::size_t variant) override {
    run(variant);
    return Bytes(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(used_));
  }

 protected:
  const std::size_t message_;
  const Variants& variants_;
  // Key, header or nonce, messages.
  Bytes out_;
  std::size_t used_ = 0;
};

class Secretstream : public Sealing {
 public:
  using Sealing::Sealing;

  void run(std::size_t variant) override {
    crypto_secretstream_xchacha20poly1305_state state;
    crypto_secretstream_xchacha20poly1305_init_push(&state, out_.data() + peer::kKeyBytes,
                                                    out_.data());
    const Bytes& plain = variants_[variant];
    used_ = kPrefixBytes + peer::seal_messages(state, plain.data(), plain.size(), message_,
                                               kAd.data(), kAd.size(), out_.data() + kPrefixBytes);
  }
};

class Aead : public Sealing {
 public:
  using Sealing::Sealing;

  void run(std::size_t variant) override {
    std::uint8_t* first = out_.data() + peer::kKeyBytes;
    randombytes_buf(first, kNonceBytes);
    std::uint8_t nonce[kNonceBytes];
    std::memcpy(nonce, first, kNonceBytes);
    const Bytes& plain = variants_[variant];
    std::size_t from = 0;
    used_ = kPrefixBytes;
    do {
      const std::size_t part = std::min(message_, plain.size() - from);
      unsigned long long length = 0;
      std::uint8_t* to = out_.data() + used_;
      crypto_aead_xchacha20poly1305_ietf_encrypt(to + peer::kLengthBytes, &length,
                                                 plain.data() + from, part, kAd.data(), kAd.size(),
                                                 nullptr, nonce, out_.data());
      peer::put_u32(to, static_cast<std::uint32_t>(length));
      sodium_increment(nonce, kNonceBytes);
      used_ += peer::kLengthBytes + length;
      from += part;
    } while (from < plain.size());
  }
};

class SecretstreamOpen : public peer::Task {
 public:
  SecretstreamOpen(const Args& args, const Variants& variants) : plain_(largest(variants)) {
    Secretstream sealing(args, variants);
    for (std::size_t i = 0; i < variants.size(); i++) sealed_.push_back(sealing.output(i));
  }

  void run(std::size_t variant) override {
    const Bytes& sealed = sealed_[variant];
    crypto_secretstream_xchacha20poly1305_state state;
    crypto_secretstream_xchacha20poly1305_init_pull(&state, sealed.data() + peer::kKeyBytes,
                                                    sealed.data());
    used_ = 0;
    for (std::size_t at = kPrefixBytes; at < sealed.size();) {
      const std::size_t length = peer::get_u32(sealed.data() + at);
      unsigned long long opened = 0;
      at += peer::kLengthBytes;
      if (crypto_secretstream_xchacha20poly1305_pull(&state, plain_.data() + used_, &opened,
                                                     nullptr, sealed.data() + at, length,
                                                     kAd.data(), kAd.size()) != 0) {
        throw std::runtime_error("a message does not open");
      }
      at += length;
      used_ += opened;
    }
  }

  Bytes output(std::size_t variant) override {
    run(variant);
    return Bytes(plain_.begin(), plain_.begin() + static_cast<std::ptrdiff_t>(used_));
  }

 private:
  Variants sealed_;
  Bytes plain_;
  std::size_t used_ = 0;
};

template <typename T>
peer::Op op() {
  return {1, [](const Args& args, const Variants& variants) {
            return std::make_unique<T>(args, variants);
          }};
}

}  // namespace

int main() {
  if (sodium_init() < 0) return 1;
  return peer::serve({{"secretstream", op<Secretstream>()},
                      {"secretstream-open", op<SecretstreamOpen>()},
                      {"xchacha20poly1305", op<Aead>()}});
}
