/** Who may call: clients by the names in their certificates, replaceable while calls are open. */
import type { Authorise, ClientIdentity } from "../rpc/index.ts";
import type { ReceiverClient, ReceiverRole } from "./options.ts";
import { refusal } from "./reasons.ts";
import type { Refusals } from "./refusals.ts";

/** What each service needs. Health and reflection need no role, but a client that is known. */
const ROLES: Readonly<Record<string, ReceiverRole>> = {
  "mapveil.v1.IngestService": "ingest",
  "mapveil.v1.ArtefactService": "consumer",
};

const roleFor = (method: string): ReceiverRole | undefined => ROLES[method.split("/")[0] ?? ""];

const reaches = (client: ReceiverClient, recipient: string) =>
  client.recipients.includes("*") || client.recipients.includes(recipient);

export class ClientRegistry {
  readonly #refusals: Refusals;
  #byCertificate: ReadonlyMap<string, ReceiverClient> = new Map();
  #byName: ReadonlyMap<string, ReceiverClient> = new Map();

  constructor(clients: readonly ReceiverClient[], refusals: Refusals) {
    this.#refusals = refusals;
    this.replace(clients);
  }

  /** Counts from now on, also for calls that are open: they end at their next message. */
  replace(clients: readonly ReceiverClient[]): void {
    this.#byCertificate = new Map(clients.map((client) => [client.certificateName, client]));
    this.#byName = new Map(clients.map((client) => [client.name, client]));
  }

  /** Throws CLIENT_UNKNOWN or ROLE_MISSING. */
  readonly authorise: Authorise = ({ method, certificateNames }): ClientIdentity => {
    const client = certificateNames
      .map((name) => this.#byCertificate.get(name))
      .find((found) => found !== undefined);
    if (client === undefined) throw this.#refusals.count(refusal("CLIENT_UNKNOWN"));
    const role = roleFor(method);
    if (role !== undefined && !client.roles.includes(role)) {
      throw this.#refusals.count(refusal("ROLE_MISSING", { metadata: { role } }));
    }
    const { name, roles, recipients } = client;
    return { name, roles, recipients };
  };

  /**
   * Throws RECIPIENT_FORBIDDEN unless the caller may touch the recipient's artefacts by this method
   * now. Nothing but the list of clients is looked at, so that the answer tells nothing else.
   */
  check(caller: ClientIdentity, method: string, recipient: string): void {
    const client = this.#byName.get(caller.name);
    const role = roleFor(method);
    const may = client !== undefined && (role === undefined || client.roles.includes(role));
    if (!may || !reaches(client, recipient)) throw refusal("RECIPIENT_FORBIDDEN");
  }
}
