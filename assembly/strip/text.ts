/**
 * What counts as text: UTF-8 as RFC 3629 defines it, without control characters. Anything else could
 * carry numbers past the allow-list.
 */

/** Whether the bytes are such text, of at least one character. */
export function isPlainText(at: u32, bytes: u32): bool {
  const end = at + bytes;
  while (at < end) {
    const length = characterBytes(at, end - at);
    if (length == 0) return false;
    at += length;
  }
  return bytes > 0;
}

/** Bytes of the character that begins here, 0 if there is none within `room` bytes. */
function characterBytes(at: u32, room: u32): u32 {
  const first = <u32>load<u8>(at);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const length: u32 = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || length > room) return 0;
  for (let k: u32 = 1; k < length; k++) {
    if ((load<u8>(at + k) & 0xc0) != 0x80) return 0;
  }
  const second = <u32>load<u8>(at, 1);
  // C1 control characters; overlong forms; surrogates; beyond U+10FFFF (RFC 3629, section 4).
  if (first == 0xc2 && second < 0xa0) return 0;
  if (first == 0xe0 && second < 0xa0) return 0;
  if (first == 0xed && second > 0x9f) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  return first == 0xf4 && second > 0x8f ? 0 : length;
}
