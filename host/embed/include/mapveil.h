/*
 * Mapveil's core as a C library: lidar frames are downsampled, stripped and sealed on the robot.
 *
 * The library is the core's WebAssembly module, turned into C. It computes the same bytes as the module
 * in any other host, allocates nothing, and touches no memory but the buffer that it is given.
 *
 * Profile: define one of MAPVEIL_PROFILE_MICRO, MAPVEIL_PROFILE_STANDARD, MAPVEIL_PROFILE_WIDE, the same
 * for the library and for the program; it decides on sizes, and on which functions there are. Functions
 * have the same names in all profiles, so a program links one library.
 *
 * Rules
 * - One call at a time for one core: a call during another one gives MAPVEIL_E_BUSY where the processor
 *   shows it in time, which two threads cannot rely on. Give each thread its own core in its own buffer.
 * - Not from interrupts. An interrupt, or DMA, may write to MAPVEIL_REGION_INPUT between calls.
 * - Stack: MAPVEIL_STACK_BYTES at the most for any call of this header.
 * - Little-endian machines with IEEE 754 binary32 and binary64 (by software too), rounding to
 *   nearest, without flushing subnormal numbers to zero (bit FZ of FPSCR on Cortex-M).
 *   Compile the core with -ffp-contract=off, else its results differ from those of other machines;
 *   where a fused multiply-add is used, mapveil_init() gives MAPVEIL_E_SELFTEST. It does not compile
 *   with -ffast-math.
 * - Pointers into regions stay valid until the next mapveil_init() of the buffer.
 * - A trap (a defect of the core, or of the memory under it) ends the call with MAPVEIL_E_TRAP, wipes the
 *   core with all its keys, and every later call gives MAPVEIL_E_POISONED until mapveil_init(). A library
 *   built with MAPVEIL_UNCHECKED checks no access to memory: such a defect then is undefined behaviour.
 *
 * Results: 0 or more is a count, below 0 a status of mapveil_status; mapveil_status_text() says it in words.
 */
#ifndef MAPVEIL_H
#define MAPVEIL_H

#include <stddef.h>
#include <stdint.h>

#include "mapveil_abi.h"
#include "mapveil_sizes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One core, at the start of the caller's buffer. */
typedef struct mapveil mapveil;

/* What a buffer begins at a multiple of, and its size: what the core keeps of itself, linear memory. */
#define MAPVEIL_BUFFER_ALIGN 64u
#define MAPVEIL_BUFFER_BYTES (MAPVEIL_HEAD_BYTES + MAPVEIL_LINEAR_BYTES)

/*
 * Stack that a call takes at the most, built by GCC with -O2 or -Os; what memcpy, memmove and memset of
 * the C library take is not in it.
 */
#define MAPVEIL_STACK_BYTES 1024u

/* The same as the library was built: a program can compare before it trusts its headers. */
size_t mapveil_buffer_bytes(void);
size_t mapveil_buffer_align(void);
/* major << 16 | minor of the library's binary interface. */
uint32_t mapveil_abi_version(void);
/* What this build holds: MAPVEIL_CAP_*. */
uint32_t mapveil_capabilities(void);
/* What this build is sized for, by MAPVEIL_LIMIT_*; 0 for an unknown one. */
uint32_t mapveil_limit(uint32_t id);

/*
 * Makes a core in `buffer`: zeroes its first MAPVEIL_BUFFER_BYTES, whatever was in there, puts the
 * tables of the core into them and runs its self-test. `abi` is MAPVEIL_ABI.
 *
 * MAPVEIL_E_HANDLE: `core` or `buffer` is null. MAPVEIL_E_BUFFER_ALIGN. MAPVEIL_E_BUFFER_SIZE: `bytes` is
 * less than MAPVEIL_BUFFER_BYTES. MAPVEIL_E_ABI: header and library differ in their major version, or the
 * library is older than the header. MAPVEIL_E_SELFTEST: the core computes wrongly here. They are looked for in this order.
 * `*core` is null after each of them.
 *
 * To start over, for instance after a trap, call it again with the same buffer; no call may be under way.
 */
int32_t mapveil_init(mapveil **core, void *buffer, size_t bytes, uint32_t abi);

/*
 * Where a region (MAPVEIL_REGION_*) stands, a multiple of 16, and its bytes; null and 0 if
 * there is none in this profile, or if the core cannot be called now.
 */
void *mapveil_region(mapveil *core, uint32_t id);
uint32_t mapveil_region_bytes(mapveil *core, uint32_t id);

/*
 * The calls of the core. Beside the statuses that they name, each may give MAPVEIL_E_HANDLE,
 * MAPVEIL_E_BUSY, MAPVEIL_E_POISONED and MAPVEIL_E_TRAP.
 */

/*
 * Starts a session of frames that share one re-based map: MAPVEIL_REGION_FRAME holds its secret offset,
 * which is taken and zeroed. MAPVEIL_E_ARG: not finite.
 */
int32_t mapveil_session_begin(mapveil *core);

/*
 * Starts a frame: takes over the regions LAYOUT, POLICY and FRAME, zeroes STATS. MAPVEIL_E_ARG: a number
 * of theirs is out of its range. MAPVEIL_E_STATE: a pose, but no session.
 */
int32_t mapveil_frame_begin(mapveil *core);

/*
 * Takes so many points from the region INPUT and returns how many stay. MAPVEIL_E_SIZE: more than the
 * region holds, or than a frame may have. MAPVEIL_E_FULL: more voxels than MAPVEIL_MAX_POINTS; ends the frame.
 * MAPVEIL_E_STATE: no frame was begun. micro works in the region PLAIN: seal the record before first.
 */
int32_t mapveil_frame_push(mapveil *core, uint32_t points);

/* Ends the frame; returns its voxels. MAPVEIL_E_STATE: no frame was begun. */
int32_t mapveil_frame_finish(mapveil *core);

/*
 * Encodes the finished frame to the region PLAIN, with what may pass of the records in the first
 * `metadata_bytes` of METADATA; returns the bytes of the record, padding included. MAPVEIL_E_FORMAT: the
 * records do not add up. MAPVEIL_E_FULL: the tile outgrows the region. MAPVEIL_E_STATE: no finished frame.
 * micro works in the region INPUT: fill it with the next points when this has returned.
 */
int32_t mapveil_tile_encode(mapveil *core, uint32_t metadata_bytes);

/*
 * Takes a seed from the region SEED: `stored`, 32 secret bytes that the host keeps in non-volatile
 * memory, and `fresh`, 32 bytes of a random number generator, zeros if there is none. Overwrites `stored`
 * with the seed of the next start.
 *
 * Persist: read the stored seed, call this, write the new `stored` and only when it is durable call
 * mapveil_seal_key(). Power lost before it is durable: the next start takes the same seed, and nothing was
 * sealed under it. Power lost after: the next start takes another one. So no key ever repeats, and who
 * reads the memory of a robot opens nothing that it sealed before. The first seed comes from a random
 * number generator, at the factory or at the first start; a copy of it must be on no other robot.
 *
 * MAPVEIL_E_ARG: the stored seed is all zeros, so missing. MAPVEIL_E_NONCE: it is the one
 * that was taken last, so the new one was not stored.
 */
int32_t mapveil_seed(mapveil *core);

/*
 * Draws the keys of one artefact from the seed and writes them to the region SEAL, with the data key
 * sealed to SEAL_RECIPIENT: the next call is mapveil_seal_begin(). Hosts that seal data keys themselves fill
 * SEAL instead and need no seed. MAPVEIL_E_STATE: no seed was taken. MAPVEIL_E_ARG: no recipient, or
 * one of low order.
 */
int32_t mapveil_seal_key(mapveil *core);

/*
 * Starts an artefact of MAPVEIL_KIND_* with the keys in the region SEAL, which is wiped whatever comes of
 * it; writes HEADER and returns its bytes. MAPVEIL_E_ARG: unknown kind, or no key. MAPVEIL_E_NONCE: this
 * key was used before.
 */
int32_t mapveil_seal_begin(mapveil *core, uint32_t kind);

/*
 * Seals `bytes` of PLAIN from `offset` on, at most MAPVEIL_MESSAGE_BYTES, to the region MESSAGE and returns
 * the bytes of the message. `tag`: MAPVEIL_TAG_MESSAGE, _PUSH, or _FINAL, which ends the artefact and
 * wipes its keys. MAPVEIL_E_SIZE: beyond PLAIN, or too long. MAPVEIL_E_ARG: another tag.
 * MAPVEIL_E_STATE: no artefact was begun.
 */
int32_t mapveil_seal_message(mapveil *core, uint32_t offset, uint32_t bytes, uint32_t tag);

#ifndef MAPVEIL_PROFILE_MICRO
/*
 * Writes voxels [first, first + count) of the finished frame to INPUT: f32 x, y, z in metres and their
 * points (0 for centres); returns count. For what stays on the robot: nothing is stripped or sealed.
 * MAPVEIL_E_SIZE: no such voxels, or more than the region holds.
 */
int32_t mapveil_frame_voxels(mapveil *core, uint32_t first, uint32_t count);

/*
 * Decodes the record in PLAIN to CELLS, VALUES and METADATA; returns its voxels. Ends the current frame.
 * MAPVEIL_E_FORMAT: not a tile of this version, or damaged.
 */
int32_t mapveil_tile_decode(mapveil *core, uint32_t record_bytes);

/*
 * Starts to open the artefact whose header stands in HEADER, with the data key in SEAL, which is wiped
 * whatever comes of it; returns its kind. MAPVEIL_E_FORMAT: not a header of this version.
 * MAPVEIL_E_AUTH: the header commits to another data key.
 */
int32_t mapveil_open_begin(mapveil *core, uint32_t header_bytes);

/*
 * Verifies the message in MESSAGE, then decrypts it to PLAIN at `offset`; returns its bytes.
 * MAPVEIL_E_FORMAT: no message has this length. MAPVEIL_E_AUTH: it does not belong here. Both close the
 * artefact and leave PLAIN as it was. MAPVEIL_E_SIZE: PLAIN is too short; offer it again elsewhere.
 */
int32_t mapveil_open_message(mapveil *core, uint32_t bytes, uint32_t offset);

/* Tag of the message that was opened last; MAPVEIL_TAG_FINAL ends the artefact. */
int32_t mapveil_open_tag(mapveil *core);
#endif

#if MAPVEIL_MAP_REGION_BYTES > 0
/*
 * Forgets the map there was and begins one as the region MAP says; a map takes the frames of one session.
 * MAPVEIL_E_ARG: a number is outside its range, and no map is begun.
 */
int32_t mapveil_map_begin(mapveil *core);

/*
 * Takes the finished frame into the map, once; returns its cells. They are held back for hold_ns, and the
 * space up to them was empty. Nothing of the frame is taken where it is refused. MAPVEIL_E_STATE: no map,
 * no finished frame under MAPVEIL_POSE_MAP with centres alone, or another session. MAPVEIL_E_ARG: no stamp,
 * one below the last, or another leaf. MAPVEIL_E_FULL: the map has no room; MAP.full says for what.
 */
int32_t mapveil_map_add(mapveil *core);

/*
 * Makes MAPVEIL_MAP_KEPT or MAPVEIL_MAP_REMOVED of the map the finished frame and returns its voxels; what
 * is held back is in neither. The kept part can be encoded, the other one only be read out. The map goes on.
 * MAPVEIL_E_STATE: no map. MAPVEIL_E_ARG: another part. MAPVEIL_E_FULL: too many voxels.
 */
int32_t mapveil_map_release(mapveil *core, uint32_t part);
#endif

/* Zeroes every key, point and byte of plaintext; ends what is under way. Call it when a session ends. */
int32_t mapveil_wipe(mapveil *core);

/* Known answers of every part, and a wipe. MAPVEIL_E_SELFTEST: do not use this core on this machine. */
int32_t mapveil_selftest(mapveil *core);

/* A status in words, for people: a constant string, never null. */
const char *mapveil_status_text(int32_t status);

#ifdef __cplusplus
}
#endif

#endif
