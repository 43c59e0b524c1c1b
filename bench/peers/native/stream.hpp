// libsodium's secretstream in the messages of an artefact: each with its length before it as u32.
#pragma once

#include <sodium.h>

#include <cstddef>
#include <cstdint>

namespace peer {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t kKeyBytes = crypto_secretstream_xchacha20poly1305_KEYBYTES;
constexpr std::size_t kTagBytes = crypto_secretstream_xchacha20poly1305_ABYTES;

inline void put_u32(std::uint8_t* to, std::uint32_t value) {
  for (int i = 0; i < 4; i++) to[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

inline std::uint32_t get_u32(const std::uint8_t* from) {
  return from[0] | (from[1] << 8) | (from[2] << 16) | (static_cast<std::uint32_t>(from[3]) << 24);
}

// Messages that so many bytes make; one if there are none.
inline std::size_t messages_of(std::size_t bytes, std::size_t message) {
  return bytes == 0 ? 1 : (bytes + message - 1) / message;
}

// Room for the messages of so many bytes with their lengths.
inline std::size_t sealed_bytes_of(std::size_t bytes, std::size_t message) {
  return bytes + messages_of(bytes, message) * (kLengthBytes + kTagBytes);
}

// Seals `bytes` bytes to `out`, the last message under TAG_FINAL; returns the bytes written.
inline std::size_t seal_messages(crypto_secretstream_xchacha20poly1305_state& state,
                                 const std::uint8_t* plain, std::size_t bytes, std::size_t message,
                                 const std::uint8_t* ad, std::size_t ad_bytes, std::uint8_t* out) {
  std::size_t at = 0;
  std::size_t from = 0;
  do {
    const std::size_t part = bytes - from < message ? bytes - from : message;
    const bool last = from + part == bytes;
    const unsigned char tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                   : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
    crypto_secretstream_xchacha20poly1305_push(&state, out + at + kLengthBytes, nullptr,
                                               plain + from, part, ad, ad_bytes, tag);
    put_u32(out + at, static_cast<std::uint32_t>(part + kTagBytes));
    at += kLengthBytes + part + kTagBytes;
    from += part;
  } while (from < bytes);
  return at;
}

}  // namespace peer
