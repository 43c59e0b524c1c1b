/** Who may call what on the robot's socket. */

import type { ClientIdentity, IncomingCall } from "../rpc/index.ts";
import { permissionDenied, unauthenticated } from "../rpc/index.ts";
import type { ClientTokens } from "./client-tokens.ts";
import type { SidecarRole } from "./options.ts";

const DECIDE: readonly SidecarRole[] = ["owner", "guardian"];

/** Methods that not every role may call. */
const ROLES: ReadonlyMap<string, readonly SidecarRole[]> = new Map([
  ["mapveil.v1.SensorService/StreamFrames", ["sensor"] as const],
  ["mapveil.v1.PermissionService/GrantPermission", DECIDE],
  ["mapveil.v1.PermissionService/WithdrawPermission", DECIDE],
]);

const BEARER = /^bearer ([\x21-\x7e]{1,256})$/i;

/**
 * Says who calls by the token of "authorization: Bearer <token>".
 * @throws RpcError UNAUTHENTICATED without a token that is known, PERMISSION_DENIED (ROLE_MISSING)
 */
export function authorise(call: IncomingCall, tokens: ClientTokens): ClientIdentity {
  const token = BEARER.exec(call.header("authorization") ?? "")?.[1];
  const client = token === undefined ? undefined : tokens.clientOf(token);
  if (client === undefined) {
    throw unauthenticated(
      'The call has no token that is known. Send "authorization: Bearer <token>" with the token from ' +
        "the client's file below state_dir/clients.",
    );
  }
  const roles = ROLES.get(call.method);
  if (roles !== undefined && !roles.includes(client.role)) {
    const needed = roles.join(" or ");
    const message = `This needs the role ${needed}; the client has the role ${client.role}.`;
    throw permissionDenied("ROLE_MISSING", message, {
      metadata: { roles: roles.join(","), role: client.role, method: call.method },
    });
  }
  return { name: client.name, roles: [client.role], recipients: [] };
}
