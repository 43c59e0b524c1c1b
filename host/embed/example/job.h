/*
 * One frame on its way to a sealed artefact, in steps: each does a bounded piece of work, so that a
 * control loop knows what a tick may cost. A step pushes at most so many points, or seals one message.
 */
#ifndef JOB_H
#define JOB_H

#include <stdint.h>

#include "frame_file.h"
#include "options.h"
#include "rule.h"
#include "terms.h"
#include "veil_file.h"

/* Bytes of the stream header that an artefact is called by. */
enum { NAME_BYTES = 16 };

typedef enum { JOB_PUSH, JOB_FINISH, JOB_ENCODE, JOB_KEY, JOB_SEAL, JOB_STORE } job_state;

typedef enum { JOB_BUSY, JOB_SEALED, JOB_REFUSED, JOB_FAILED } job_result;

typedef struct {
  /* What every frame has in common. */
  mapveil *core;
  const options *set;
  const terms *under;
  frame_file *frames;
  /* Bytes that keep who places points from guessing how they are looked up; all zeros if unknown. */
  uint8_t hash_seed[8];

  /* This frame. */
  job_state state;
  uint32_t kind;
  bool has_pose;
  uint64_t epoch;
  uint32_t points_left;
  uint32_t record_bytes;
  uint32_t sealed_bytes;
  veil_file veil;
  /* Its file in the folder of artefacts. */
  char name[2 * NAME_BYTES + sizeof ".veil"];
  /* Why it was refused. */
  rule_answer refusal;
  /* Why it failed, in words. */
  const char *failure;
} job;

/* Starts the frame of this head: asks the rule, then hands the core its layout, policy and frame. */
job_result job_begin(job *of, const frame_head *head);

/* Does the next step; to be called again while it returns JOB_BUSY. */
job_result job_step(job *of);

#endif
