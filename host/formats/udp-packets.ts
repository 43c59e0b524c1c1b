/** From an Ethernet frame to the UDP payload inside: VLAN tags, IPv4, reassembly of fragments. */

export interface UdpPacket {
  readonly sourceMac: string;
  readonly targetMac: string;
  readonly sourceAddress: string;
  readonly targetAddress: string;
  readonly targetPort: number;
  /** Valid until the next frame is pushed. */
  readonly payload: Uint8Array;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_VLAN = 0x8100;
const PROTOCOL_UDP = 17;
const UDP_HEADER = 8;
/** Datagrams that are put together at the same time; older ones lost a fragment. */
const PENDING_MAX = 64;

interface Pending {
  readonly parts: Map<number, Uint8Array>;
  bytes: number;
  total: number | undefined;
}

export class UdpPackets {
  readonly #pending = new Map<string, Pending>();

  /** Takes one Ethernet frame. Returns a packet if one is complete; others give undefined. */
  push(frame: Uint8Array): UdpPacket | undefined {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const ip = ipv4Start(view);
    if (ip === undefined) return undefined;
    const headerBytes = (frame[ip]! & 15) * 4;
    const total = view.getUint16(ip + 2);
    const fits = headerBytes >= 20 && total >= headerBytes && ip + total <= frame.length;
    if (!fits || frame[ip + 9] !== PROTOCOL_UDP) return undefined;
    const body = frame.subarray(ip + headerBytes, ip + total);
    const datagram = this.#assemble(view, ip, body);
    if (datagram === undefined || datagram.length < UDP_HEADER) return undefined;
    const udp = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    const length = udp.getUint16(4);
    if (length < UDP_HEADER || length > datagram.length) return undefined;
    return {
      targetMac: macText(frame, 0),
      sourceMac: macText(frame, 6),
      sourceAddress: addressText(frame, ip + 12),
      targetAddress: addressText(frame, ip + 16),
      targetPort: udp.getUint16(2),
      payload: datagram.subarray(UDP_HEADER, length),
    };
  }

  /** The whole datagram, once every fragment is there. */
  #assemble(view: DataView, ip: number, body: Uint8Array): Uint8Array | undefined {
    const word = view.getUint16(ip + 6);
    const more = (word & 0x2000) !== 0;
    const offset = (word & 0x1fff) * 8;
    if (!more && offset === 0) return body;
    const key = `${view.getUint32(ip + 12)} ${view.getUint32(ip + 16)} ${view.getUint16(ip + 4)}`;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = { parts: new Map(), bytes: 0, total: undefined };
      this.#pending.set(key, pending);
      if (this.#pending.size > PENDING_MAX) {
        this.#pending.delete(this.#pending.keys().next().value!);
      }
    }
    if (!pending.parts.has(offset)) {
      pending.parts.set(offset, body.slice());
      pending.bytes += body.length;
    }
    if (!more) pending.total = offset + body.length;
    if (pending.total === undefined || pending.bytes < pending.total) return undefined;
    this.#pending.delete(key);
    return join(pending.parts, pending.total);
  }
}

/** Undefined if the parts overlap or leave a gap: such a datagram is damaged. */
function join(parts: ReadonlyMap<number, Uint8Array>, total: number): Uint8Array | undefined {
  const datagram = new Uint8Array(total);
  let end = 0;
  for (const [offset, part] of [...parts].sort(([a], [b]) => a - b)) {
    if (offset !== end || end + part.length > total) return undefined;
    datagram.set(part, offset);
    end += part.length;
  }
  return end === total ? datagram : undefined;
}

function ipv4Start(view: DataView): number | undefined {
  let at = 12;
  if (view.byteLength < at + 2) return undefined;
  let type = view.getUint16(at);
  for (; type === ETHERTYPE_VLAN && at + 6 <= view.byteLength; type = view.getUint16(at)) at += 4;
  at += 2;
  const isIpv4 = type === ETHERTYPE_IPV4 && at + 20 <= view.byteLength;
  return isIpv4 && view.getUint8(at) >> 4 === 4 ? at : undefined;
}

function macText(frame: Uint8Array, at: number): string {
  return Array.from(frame.subarray(at, at + 6), (b) => b.toString(16).padStart(2, "0")).join(":");
}

function addressText(frame: Uint8Array, at: number): string {
  return frame.subarray(at, at + 4).join(".");
}
