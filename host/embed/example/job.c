/* The steps of a frame, in the order of job_state. What fails leaves no file. */
#include "job.h"

#include <string.h>

#include "mapveil.h"
#include "say.h"

static job_result fail(job *of, const char *why) {
  veil_file_abort(&of->veil);
  of->failure = why;
  return JOB_FAILED;
}

static job_result fail_with(job *of, int32_t status) {
  return fail(of, mapveil_status_text(status));
}

/* Goes on with `state` if the core was content. */
static job_result go_on(job *of, int32_t status, job_state state) {
  if (status < 0) return fail_with(of, status);
  of->state = state;
  return JOB_BUSY;
}

static job_result ask(job *of) {
  of->refusal = rule_ask(of->set->rule, of->kind, of->has_pose, of->under, &of->epoch);
  return of->refusal == RULE_PERMITTED ? JOB_BUSY : JOB_REFUSED;
}

job_result job_begin(job *of, const frame_head *head) {
  of->veil.file = -1;
  of->kind = head->kind;
  of->has_pose = head->frame.has_pose != 0;
  of->points_left = head->points;
  of->sealed_bytes = 0;
  if (ask(of) == JOB_REFUSED) return JOB_REFUSED;
  mapveil_frame *frame = mapveil_region(of->core, MAPVEIL_REGION_FRAME);
  *frame = head->frame;
  memcpy(&frame->seed, of->hash_seed, sizeof of->hash_seed);
  memcpy(mapveil_region(of->core, MAPVEIL_REGION_LAYOUT), &of->frames->layout,
         sizeof of->frames->layout);
  memcpy(mapveil_region(of->core, MAPVEIL_REGION_POLICY), of->under->policy,
         of->under->policy_bytes);
  return go_on(of, mapveil_frame_begin(of->core), JOB_PUSH);
}

/* The driver's points go to the core's input without a copy between. */
static job_result push(job *of) {
  const uint32_t room = MAPVEIL_INPUT_REGION_BYTES / of->frames->layout.point_step;
  uint32_t points = of->points_left;
  if (points > room) points = room;
  if (points > of->set->points) points = of->set->points;
  if (points == 0 && of->points_left > 0) return fail_with(of, MAPVEIL_E_SIZE);
  if (!frame_file_read(of->frames, mapveil_region(of->core, MAPVEIL_REGION_INPUT), points)) {
    return fail(of, "the points cannot be read");
  }
  of->points_left -= points;
  return go_on(of, mapveil_frame_push(of->core, points),
               of->points_left == 0 ? JOB_FINISH : JOB_PUSH);
}

static job_result encode(job *of) {
  const int32_t bytes = mapveil_tile_encode(of->core, 0);
  of->record_bytes = bytes < 0 ? 0 : (uint32_t)bytes;
  return go_on(of, bytes, JOB_KEY);
}

/* Draws the keys and starts the artefact, which is called by its stream header: public, never twice. */
static job_result draw_key(job *of) {
  mapveil_seal *seal = mapveil_region(of->core, MAPVEIL_REGION_SEAL);
  memcpy(seal->recipient, of->under->recipient, sizeof seal->recipient);
  const int32_t drawn = mapveil_seal_key(of->core);
  if (drawn < 0) return fail_with(of, drawn);
  if (memcmp(seal->key_id, of->under->key_id, sizeof seal->key_id) != 0) {
    memset(seal, 0, sizeof *seal);
    return fail(of, "the recipient's key is damaged: it does not have the key id of the terms");
  }
  put_hex(of->name, seal->stream_header, NAME_BYTES);
  memcpy(of->name + (size_t)2 * NAME_BYTES, ".veil", sizeof ".veil");
  memcpy(seal->policy_digest, of->under->policy_digest, sizeof seal->policy_digest);
  seal->epoch = of->epoch;
  const int32_t begun = mapveil_seal_begin(of->core, of->kind);
  if (begun < 0) return fail_with(of, begun);
  if (!veil_file_create(&of->veil, of->set->out, of->name) ||
      !veil_file_write(&of->veil, mapveil_region(of->core, MAPVEIL_REGION_HEADER),
                       (uint32_t)begun)) {
    return fail(of, platform_why());
  }
  return go_on(of, begun, JOB_SEAL);
}

/* One message, as long as this build of the core seals. */
static job_result seal(job *of) {
  const uint32_t left = of->record_bytes - of->sealed_bytes;
  const bool is_last = left <= MAPVEIL_MESSAGE_BYTES;
  const uint32_t bytes = is_last ? left : MAPVEIL_MESSAGE_BYTES;
  const int32_t message = mapveil_seal_message(of->core, of->sealed_bytes, bytes,
                                               is_last ? MAPVEIL_TAG_FINAL : MAPVEIL_TAG_MESSAGE);
  if (message < 0) return fail_with(of, message);
  const uint32_t length = (uint32_t)message;
  if (!veil_file_write(&of->veil, &length, sizeof length) ||
      !veil_file_write(&of->veil, mapveil_region(of->core, MAPVEIL_REGION_MESSAGE), length)) {
    return fail(of, platform_why());
  }
  of->sealed_bytes += bytes;
  return go_on(of, message, is_last ? JOB_STORE : JOB_SEAL);
}

/* The last moment at which a withdrawal can still keep the frame at home. */
static job_result store(job *of) {
  if (ask(of) == JOB_REFUSED) {
    veil_file_abort(&of->veil);
    return JOB_REFUSED;
  }
  return veil_file_commit(&of->veil) ? JOB_SEALED : fail(of, platform_why());
}

job_result job_step(job *of) {
  switch (of->state) {
    case JOB_PUSH:
      return push(of);
    case JOB_FINISH:
      return go_on(of, mapveil_frame_finish(of->core), JOB_ENCODE);
    case JOB_ENCODE:
      return encode(of);
    case JOB_KEY:
      return draw_key(of);
    case JOB_SEAL:
      return seal(of);
    default:
      return store(of);
  }
}
