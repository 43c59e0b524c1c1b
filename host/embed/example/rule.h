/*
 * The local rule: which classes of data may leave now, and up to which level. A small text file that
 * the robot's owner, or the program that asks the owner, writes anew (and renames into place):
 *
 *   # comments, empty lines
 *   lidar frames          class and level: nothing, plan, map, frames, full
 *   epoch 7               number of the permission that says so, named by every artefact
 *
 * Classes: lidar, house_plan, running_path. What is not named is off; so is everything where the file
 * is not there, as on a new robot. A file that cannot be read to its last line, or has
 * more than 512 bytes, permits nothing.
 */
#ifndef RULE_H
#define RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "terms.h"

/* What becomes of a frame. Everything but RULE_PERMITTED is a refusal, and is counted by its name. */
typedef enum { RULE_PERMITTED, RULE_OFF, RULE_LEVEL, RULE_UNREADABLE, RULE_NO_POSE } rule_answer;
enum { RULE_ANSWERS = 5 };

/* Name of an answer in accounts. */
const char *rule_name(rule_answer answer);

/*
 * Reads the rule and asks it about a frame of KIND_* under these terms; `epoch` gets the number of
 * the permission. has_pose: whether the frame says where in the map it was taken, without which areas
 * that the policy keeps out could not be told.
 */
rule_answer rule_ask(const char *path, uint32_t kind, bool has_pose, const terms *under,
                     uint64_t *epoch);

#endif
