/* Puts texts together. */
#include "path.h"

#include <string.h>

#include "say.h"

bool path_join(char *to, const char *first, const char *second, const char *third) {
  const size_t lengths[3] = {strlen(first), strlen(second), strlen(third)};
  if (lengths[0] + lengths[1] + lengths[2] >= PATH_BYTES_MAX) {
    complain("the path is too long", first, NULL);
    return false;
  }
  memcpy(to, first, lengths[0]);
  memcpy(to + lengths[0], second, lengths[1]);
  memcpy(to + lengths[0] + lengths[1], third, lengths[2] + 1);
  return true;
}
