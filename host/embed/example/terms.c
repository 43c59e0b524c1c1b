/* Reads terms: a head of fixed size, then the policy as the core takes it. */
#include "terms.h"

#include <string.h>

#include "mapveil.h"
#include "platform.h"
#include "say.h"

/* As they stand in the file. */
typedef struct {
  uint8_t magic[4];
  uint32_t level;
  uint32_t policy_bytes;
  uint32_t zero;
  uint8_t recipient[32];
  uint8_t key_id[8];
  uint8_t policy_digest[32];
} terms_head;

static const uint8_t MAGIC[4] = {'M', 'V', 'R', 1};

static bool take_head(terms *to, const terms_head *head) {
  if (memcmp(head->magic, MAGIC, sizeof MAGIC) != 0 || head->zero != 0) return false;
  if (head->policy_bytes < sizeof(mapveil_policy)) return false;
  to->level = head->level;
  to->policy_bytes = head->policy_bytes;
  memcpy(to->recipient, head->recipient, sizeof to->recipient);
  memcpy(to->key_id, head->key_id, sizeof to->key_id);
  memcpy(to->policy_digest, head->policy_digest, sizeof to->policy_digest);
  return true;
}

static bool take_policy(terms *to, platform_file file) {
  mapveil_policy policy;
  /* One byte more is asked for, to see that nothing follows. */
  uint8_t more;
  if (platform_read(file, to->policy, to->policy_bytes) != (int32_t)to->policy_bytes) return false;
  if (platform_read(file, &more, 1) != 0) return false;
  memcpy(&policy, to->policy, sizeof policy);
  to->needs_pose = policy.area_count > 0;
  to->needs_session = policy.pose == MAPVEIL_POSE_SESSION;
  return true;
}

bool terms_read(terms *to, const char *path) {
  terms_head head;
  const platform_file file = platform_open(path);
  if (file < 0) {
    complain("the terms cannot be read; `mapveil policy compile` makes them", path, platform_why());
    return false;
  }
  const char *wrong = NULL;
  if (platform_read(file, &head, sizeof head) != (int32_t)sizeof head || !take_head(to, &head)) {
    wrong = "these are no terms of this version, or they were cut";
  } else if (to->policy_bytes > sizeof to->policy) {
    wrong = "the policy has more boxes and areas than this build of the core has room for";
  } else if (!take_policy(to, file)) {
    wrong = "the terms were cut, or something follows them";
  }
  platform_close(file);
  if (wrong != NULL) complain(wrong, path, NULL);
  return wrong == NULL;
}
