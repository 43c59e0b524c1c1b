/**
 * The exports of the core that Node loads.
 *
 * Made from host/embed/abi.json by `npm run build:abi`; change it there.
 */
import type { WasmMemory } from "./webassembly.ts";

export interface CoreExports {
  readonly memory: WasmMemory;
  /**
   * Version of this interface. A host refuses another major, and a minor below what it needs.
   * @returns major * 65536 + minor
   */
  abi_version(): number;
  /**
   * What this build holds.
   * @returns CAP_* bits
   */
  capabilities(): number;
  /**
   * A limit of this build, which depends on its profile.
   * @param id Which limit. [LIMIT_*]
   * @returns the limit; 0 for an unknown one
   */
  limit(id: number): number;
  /**
   * Address of a region. Ask at run time: it may change with every build.
   * @param id Which region. [REGION_*]
   * @returns address in linear memory, a multiple of 16; 0 for an unknown region
   */
  region_ptr(id: number): number;
  /**
   * Size of a region.
   * @param id Which region. [REGION_*]
   * @returns bytes; 0 for an unknown region
   */
  region_bytes(id: number): number;
  /**
   * Starts a session of frames that share one re-based map: takes FRAME.session_offset and zeroes
   * it. Needed before frames with a pose under POSE_SESSION.
   * @returns 0, E_ARG
   */
  session_begin(): number;
  /**
   * Starts a frame: takes over REGION_LAYOUT, REGION_POLICY and REGION_FRAME, zeroes REGION_STATS.
   * Ends the frame before.
   * @returns 0, E_ARG, E_STATE
   */
  frame_begin(): number;
  /**
   * Takes points from REGION_INPUT; may be called again and again, which bounds the time of a call.
   * micro works in REGION_PLAIN: seal the record of the frame before first.
   * @param points How many stand in REGION_INPUT. [points]
   * @returns points that stay, E_SIZE, E_STATE, E_FULL
   */
  frame_push(points: number): number;
  /**
   * Ends the frame; its voxels can be encoded or read out until the next one begins.
   * @returns voxels, E_STATE, E_FULL
   */
  frame_finish(): number;
  /**
   * Writes voxels [first, first + count) of the finished frame to REGION_INPUT as VOXEL. For what
   * stays on the robot: nothing here is stripped or sealed. Their order is that in which the frame
   * met them, brick by brick: the same for the same pushes, but not that of the tile.
   * @param first The first to read. [voxels]
   * @param count How many. [voxels]
   * @returns count, E_SIZE, E_STATE
   */
  frame_voxels(first: number, count: number): number;
  /**
   * Encodes the finished frame to REGION_PLAIN, with what passes of the metadata. micro works in
   * REGION_INPUT meanwhile: fill it with the next points once the call has returned.
   * @param metadataBytes Length of the records in REGION_METADATA. [bytes]
   * @returns bytes of the record in REGION_PLAIN, padding included, E_FORMAT, E_STATE, E_FULL
   */
  tile_encode(metadataBytes: number): number;
  /**
   * Decodes the record to REGION_CELLS, REGION_VALUES and REGION_METADATA. Ends the current frame.
   * @param recordBytes Length of the record in REGION_PLAIN. [bytes]
   * @returns voxels, E_FORMAT
   */
  tile_decode(recordBytes: number): number;
  /**
   * Forgets the map there was and begins one as REGION_MAP says. Its session begins with the first
   * scan.
   * @returns 0, E_ARG
   */
  map_begin(): number;
  /**
   * Takes the finished frame into the map: its cells, which are held back, and the empty space up
   * to them. A frame is taken once. Where it is refused, nothing of it is taken.
   * @returns cells of the scan, E_STATE, E_ARG, E_FULL
   */
  map_add(): number;
  /**
   * Makes that part of the map the finished frame, without an origin: MAP_KEPT for tile_encode and
   * frame_voxels, MAP_REMOVED for frame_voxels alone. Scans that are held back are in neither. The
   * map goes on.
   * @param part Which cells. [MAP_KEPT or MAP_REMOVED]
   * @returns voxels, E_STATE, E_ARG, E_FULL
   */
  map_release(part: number): number;
  /**
   * Takes REGION_SEED and leaves in it the stored seed for the next start. Make that durable, in
   * place of the one given, before the first seal_key: then no key repeats, whenever the power
   * goes.
   * @returns 0, E_ARG, E_NONCE
   */
  seed(): number;
  /**
   * Draws a data key and a stream header, seals the key for the recipient as libsodium's
   * crypto_box_seal does, and fills all of REGION_SEAL but recipient, policy digest and epoch.
   * Right before seal_begin: the end of an artefact wipes the region.
   * @returns 0, E_STATE, E_ARG
   */
  seal_key(): number;
  /**
   * Starts an artefact from REGION_SEAL, which is wiped whatever comes of it. One artefact is
   * sealed or opened at a time.
   * @param kind What the artefact holds. [KIND_*]
   * @returns bytes of the header in REGION_HEADER, E_ARG, E_NONCE
   */
  seal_begin(kind: number): number;
  /**
   * Seals a piece of REGION_PLAIN into REGION_MESSAGE.
   * @param plainOffset From the start of REGION_PLAIN. [bytes]
   * @param bytes Length of the plaintext. [bytes; 0..MESSAGE_BYTES]
   * @param tag TAG_FINAL ends the artefact and wipes its keys. [TAG_MESSAGE, TAG_PUSH or TAG_FINAL]
   * @returns bytes of the message, E_SIZE, E_ARG, E_STATE
   */
  seal_message(plainOffset: number, bytes: number, tag: number): number;
  /**
   * Starts to open an artefact with the data key in REGION_SEAL, which is wiped whatever comes of
   * it.
   * @param headerBytes Length of the header in REGION_HEADER. [bytes]
   * @returns KIND_* of the artefact, E_FORMAT, E_AUTH
   */
  open_begin(headerBytes: number): number;
  /**
   * Verifies a message, and only then decrypts it to REGION_PLAIN.
   * @param bytes Length of the message in REGION_MESSAGE. [bytes]
   * @param plainOffset Where its plaintext goes in REGION_PLAIN. [bytes]
   * @returns bytes of plaintext, E_FORMAT, E_AUTH, E_SIZE, E_STATE
   */
  open_message(bytes: number, plainOffset: number): number;
  /**
   * Tag of the message opened last. An artefact is whole only where this is TAG_FINAL.
   * @returns TAG_*, E_STATE
   */
  open_tag(): number;
  /**
   * Zeroes all that the core was told: keys, the seed, points, maps, poses, policies. Ends all
   * under way. For shutdown and withdrawal: seal_key needs the next stored seed after it.
   * @returns 0
   */
  wipe(): number;
  /**
   * Known answers of the seal, and a frame to a tile. Ends all under way, and wipes everything.
   * @returns 0, E_SELFTEST
   */
  selftest(): number;
}
