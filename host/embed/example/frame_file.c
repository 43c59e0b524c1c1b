/* Reads frame files. Lengths are checked against the file before anything is read by them. */
#include "frame_file.h"

#include <string.h>

#include "say.h"

typedef struct {
  uint8_t magic[4];
  uint32_t frames;
} file_head;

static const uint8_t MAGIC[4] = {'M', 'V', 'F', 1};

static bool read_struct(platform_file file, void *to, uint32_t bytes) {
  return platform_read(file, to, bytes) == (int32_t)bytes;
}

static bool read_head(frame_file *to) {
  file_head head;
  const int32_t length = platform_length(to->file);
  if (length < 0 || !read_struct(to->file, &head, sizeof head) ||
      memcmp(head.magic, MAGIC, sizeof MAGIC) != 0 ||
      !read_struct(to->file, &to->layout, sizeof to->layout) || to->layout.point_step == 0) {
    return false;
  }
  to->length = (uint32_t)length;
  to->frames_left = head.frames;
  to->frame_end = (uint32_t)(sizeof head + sizeof to->layout);
  return true;
}

bool frame_file_open(frame_file *to, const char *path) {
  to->file = platform_open(path);
  if (to->file < 0) {
    complain("the frames cannot be read", path, platform_why());
    return false;
  }
  if (read_head(to)) return true;
  complain("this is no frame file of this version, or it was cut", path, NULL);
  platform_close(to->file);
  return false;
}

frame_file_result frame_file_next(frame_file *from, frame_head *head) {
  if (from->frames_left == 0) return FRAME_FILE_END;
  from->frames_left--;
  const uint32_t left = from->length - from->frame_end;
  if (left < sizeof *head || !platform_seek(from->file, from->frame_end) ||
      !read_struct(from->file, head, sizeof *head)) {
    from->frames_left = 0;
    return FRAME_FILE_CUT;
  }
  const uint64_t bytes = (uint64_t)head->points * from->layout.point_step;
  if (bytes > left - sizeof *head) {
    from->frames_left = 0;
    return FRAME_FILE_CUT;
  }
  from->frame_end += (uint32_t)sizeof *head + (uint32_t)bytes;
  return FRAME_FILE_FRAME;
}

bool frame_file_read(frame_file *from, void *to, uint32_t points) {
  return read_struct(from->file, to, points * from->layout.point_step);
}
