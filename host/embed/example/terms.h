/*
 * The terms that `mapveil policy compile` wrote: under which policy this robot seals, and for whom.
 * host/veil/robot-terms.ts has the layout of the file.
 */
#ifndef TERMS_H
#define TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "mapveil_abi.h"

typedef struct {
  /* What the policy lets leave: 3 frames, 4 full. */
  uint32_t level;
  uint8_t recipient[32];
  uint8_t key_id[8];
  uint8_t policy_digest[32];
  /* The policy has areas that only a pose can tell. */
  bool needs_pose;
  /* Poses become relative to a secret origin, which a session has. */
  bool needs_session;
  uint32_t policy_bytes;
  /* With its boxes and areas; the core has room for no more. */
  uint8_t policy[MAPVEIL_POLICY_REGION_BYTES];
} terms;

/* Reads the terms, or complains and returns false. */
bool terms_read(terms *to, const char *path);

#endif
