/* Poses, as assembly/strip/pose.ts does them: f64 until the matrix is finished. */
#include <math.h>
#include <string.h>

#include "parts.h"

static bool is_coordinate(double value) { return value - value == 0 && fabs(value) <= 1e9; }

int32_t native_session_begin(struct native *n) {
  double *at = n->frame_in.session_offset;
  for (int k = 0; k < 5; k++) {
    if (!is_coordinate(at[k])) return MAPVEIL_E_ARG;
  }
  const double norm = sqrt(at[3] * at[3] + at[4] * at[4]);
  const double u = norm > 0 ? at[3] / norm : 1;
  const double v = norm > 0 ? at[4] / norm : at[4];
  const double secret[12] = {u, -v, 0, at[0], v, u, 0, at[1], 0, 0, 1, at[2]};
  memcpy(n->secret, secret, sizeof secret);
  memset(at, 0, sizeof n->frame_in.session_offset);
  n->session_begun = true;
  n->has_first = false;
  return 0;
}

static bool read_pose(const double *from, double *m) {
  for (int k = 0; k < 7; k++) {
    if (!is_coordinate(from[k])) return false;
  }
  double x = from[3];
  double y = from[4];
  double z = from[5];
  double w = from[6];
  const double norm = sqrt(x * x + y * y + z * z + w * w);
  if (norm == 0) return false;
  x /= norm;
  y /= norm;
  z /= norm;
  w /= norm;
  m[0] = 1 - 2 * (y * y + z * z);
  m[1] = 2 * (x * y - w * z);
  m[2] = 2 * (x * z + w * y);
  m[3] = from[0];
  m[4] = 2 * (x * y + w * z);
  m[5] = 1 - 2 * (x * x + z * z);
  m[6] = 2 * (y * z - w * x);
  m[7] = from[1];
  m[8] = 2 * (x * z - w * y);
  m[9] = 2 * (y * z + w * x);
  m[10] = 1 - 2 * (x * x + y * y);
  m[11] = from[2];
  return true;
}

static void multiply(double *to, const double *a, const double *b) {
  for (int r = 0; r < 12; r += 4) {
    for (int c = 0; c < 4; c++) {
      const double sum = a[r] * b[c] + a[r + 1] * b[4 + c] + a[r + 2] * b[8 + c];
      to[r + c] = c == 3 ? sum + a[r + 3] : sum;
    }
  }
}

static void invert(double *to, const double *m) {
  for (int r = 0; r < 3; r++) {
    const double a = m[r];
    const double b = m[4 + r];
    const double c = m[8 + r];
    to[4 * r] = a;
    to[4 * r + 1] = b;
    to[4 * r + 2] = c;
    to[4 * r + 3] = -(a * m[3] + b * m[7] + c * m[11]);
  }
}

static void demote(float *to, const double *from) {
  for (int k = 0; k < 12; k++) to[k] = (float)from[k];
}

/* 1 if the tile's cells are in a map that outlives the frame, 0 if not, or a status. */
int32_t native_prepare_pose(struct native *n) {
  if (n->policy.pose > MAPVEIL_POSE_KEEP) return MAPVEIL_E_ARG;
  if (n->frame.has_pose == 0) return 0;
  double pose[12];
  double scratch[12];
  if (!read_pose(n->frame.pose, pose)) return MAPVEIL_E_ARG;
  demote(n->to_map, pose);
  if (n->policy.pose == MAPVEIL_POSE_DROP) return 0;
  if (n->policy.pose == MAPVEIL_POSE_SESSION) {
    if (!n->session_begun) return MAPVEIL_E_STATE;
    if (!n->has_first) {
      invert(n->first_inverse, pose);
      n->has_first = true;
    }
    multiply(scratch, n->first_inverse, pose);
    multiply(pose, n->secret, scratch);
  }
  demote(n->to_output, pose);
  return 1;
}
