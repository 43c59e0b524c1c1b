/*
 * Frames from a file, in place of a sensor's driver. host/embed/tools/frame-file.ts has the layout:
 * a head with the layout of points, then frames, each a head and its points.
 */
#ifndef FRAME_FILE_H
#define FRAME_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "mapveil.h"
#include "platform.h"

typedef struct {
  platform_file file;
  /* Bytes of the file, and of those the offset behind the current frame. */
  uint32_t length;
  uint32_t frame_end;
  uint32_t frames_left;
  mapveil_layout layout;
} frame_file;

/* What stands before the points of a frame. */
typedef struct {
  uint32_t kind;
  uint32_t points;
  mapveil_frame frame;
} frame_head;

typedef enum { FRAME_FILE_FRAME, FRAME_FILE_END, FRAME_FILE_CUT } frame_file_result;

/* Opens a frame file, or complains and returns false. */
bool frame_file_open(frame_file *to, const char *path);

/* Goes to the next frame, past what was not read of this one. CUT: the file ends before that frame does. */
frame_file_result frame_file_next(frame_file *from, frame_head *head);

/* Reads points of the current frame; false if they do not come. */
bool frame_file_read(frame_file *from, void *to, uint32_t points);

#endif
