/** Addresses of the network: host:port, with an IPv6 address in brackets. */
import { isIPv6 } from "node:net";

export interface HostPort {
  /** Name or address, without brackets. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
}

const NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;

/** The parts of "host:port" or "[address]:port", or null if `text` is neither. */
export function parseHostPort(text: string): HostPort | null {
  const match = /^(?:\[([^\]]{2,45})\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text);
  if (match === null) return null;
  const [, address, name, digits] = match;
  const port = Number(digits);
  if (port > 65_535) return null;
  if (address !== undefined) return isIPv6(address) ? { host: address, port } : null;
  return NAME.test(name!) ? { host: name!, port } : null;
}
