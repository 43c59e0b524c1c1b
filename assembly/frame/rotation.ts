/** Rotations from quaternions. */

/**
 * Writes the rotation of the quaternion x y z w at `from`, normalised here, as a matrix whose entries are
 * `right` bytes apart in a row and `down` bytes in a column; exchanged, they give its inverse. False,
 * and nothing is written, if the quaternion is zero or too large to be normalised.
 *
 * With q = x y z and i, j, k in turn, each of 0 1 2 and around: entry i i is 1 - 2 (q_j^2 + q_k^2), and
 * entries i j and j i are 2 (q_i q_j -+ w q_k).
 */
export function writeRotation<T extends number>(
  to: usize,
  from: usize,
  right: u32,
  down: u32,
): bool {
  let x = load<T>(from);
  let y = load<T>(from, sizeof<T>());
  let z = load<T>(from, 2 * sizeof<T>());
  let w = load<T>(from, 3 * sizeof<T>());
  const norm = sqrt<T>(<T>(x * x + y * y + z * z + w * w));
  if (!(norm > 0 && norm < Infinity)) return false;
  x = <T>(x / norm);
  y = <T>(y / norm);
  z = <T>(z / norm);
  w = <T>(w / norm);
  let i: u32 = 0;
  let j: u32 = 1;
  do {
    const xy = <T>(x * y);
    const wz = <T>(w * z);
    store<T>(to + i * (right + down), <T>(1 - 2 * (y * y + z * z)));
    store<T>(to + i * down + j * right, <T>(2 * (xy - wz)));
    store<T>(to + j * down + i * right, <T>(2 * (xy + wz)));
    const first = x;
    x = y;
    y = z;
    z = first;
    i = j;
    j = j == 2 ? 0 : j + 1;
  } while (i != 0);
  return true;
}
