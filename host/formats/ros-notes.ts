/** What messages without points say of a robot, its sensors and its home. */

import type { Tell } from "./metadata-list.ts";
import { tellOusterIdentity } from "./ouster-identity.ts";
import { readString } from "./ros-messages.ts";
import type { RecordedMessage } from "./ros-recording.ts";

/** Tells what identifies in a message of any type; types that are not known say nothing. */
export function noteMessage(message: RecordedMessage, tell: Tell): void {
  if (message.type !== "std_msgs/String") return;
  const text = readString(message.open());
  tellOusterIdentity(text, tell);
  tell("raw_text", text);
}
