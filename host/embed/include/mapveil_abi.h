/**
 * The binary interface of the Mapveil core: what its regions hold, and every number that it shares
 * with hosts. For the C library (mapveil.h) and for hosts that load the WebAssembly module.
 *
 * Made from host/embed/abi.json by `npm run build:abi`; change it there.
 */
#ifndef MAPVEIL_ABI_H
#define MAPVEIL_ABI_H

#include <stddef.h>
#include <stdint.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Mapveil's structs are little-endian: this machine is not"
#endif

#if defined(__cplusplus)
#define MAPVEIL_ASSERT(name, condition) static_assert(condition, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define MAPVEIL_ASSERT(name, condition) _Static_assert(condition, #name)
#else
#define MAPVEIL_ASSERT(name, condition) typedef char mapveil_assert_##name[(condition) ? 1 : -1]
#endif

MAPVEIL_ASSERT(float_is_binary32, sizeof(float) == 4);
MAPVEIL_ASSERT(double_is_binary64, sizeof(double) == 8);

/* Version: another major breaks hosts, a higher minor only adds. */

#define MAPVEIL_ABI_MAJOR 1
#define MAPVEIL_ABI_MINOR 3
/** As abi_version() tells it. */
#define MAPVEIL_ABI (((uint32_t)MAPVEIL_ABI_MAJOR << 16) | (uint32_t)MAPVEIL_ABI_MINOR)

/* Status codes: calls return a count of 0 or more, or one of these. */

typedef enum mapveil_status {
  MAPVEIL_OK = 0,
  /** An argument, or a number of a struct, is outside its stated range. */
  MAPVEIL_E_ARG = -1,
  /** More bytes or points than the region holds, or than a frame may have. */
  MAPVEIL_E_SIZE = -2,
  /** The call is out of order, as a push without a begin. */
  MAPVEIL_E_STATE = -3,
  /**
   * More voxels, a longer tile or a larger map than this profile is sized for: use a larger leaf,
   * or crop.
   */
  MAPVEIL_E_FULL = -4,
  /** Authentication failed: another key, or bytes that were changed, cut, reordered or repeated. */
  MAPVEIL_E_AUTH = -5,
  /** The bytes are not what they should be: magic, version, length or entropy stream. */
  MAPVEIL_E_FORMAT = -6,
  /** A key or seed that was used before. */
  MAPVEIL_E_NONCE = -7,
  /** The self-test found a wrong result: do not use this core on this machine. */
  MAPVEIL_E_SELFTEST = -8,
  /** The core trapped, which it never should; it is poisoned until it is initialised again. */
  MAPVEIL_E_TRAP = -100,
  /** An earlier call trapped: initialise the core again. */
  MAPVEIL_E_POISONED = -101,
  /** The handle is null, or no core was initialised there. */
  MAPVEIL_E_HANDLE = -102,
  /** The buffer is smaller than MAPVEIL_BUFFER_BYTES. */
  MAPVEIL_E_BUFFER_SIZE = -103,
  /** The buffer does not begin at a multiple of MAPVEIL_BUFFER_ALIGN. */
  MAPVEIL_E_BUFFER_ALIGN = -104,
  /**
   * Header and library are of different major versions, or the library is older than the header.
   */
  MAPVEIL_E_ABI = -105,
  /** Called while another call of the same core is under way. */
  MAPVEIL_E_BUSY = -106
} mapveil_status;

/** X(name, value, text) for every status below 0. */
#define MAPVEIL_STATUSES(X) \
  X(MAPVEIL_E_ARG, -1, "an argument, or a number of a struct, is outside its stated range") \
  X(MAPVEIL_E_SIZE, -2, "more bytes or points than the region holds, or than a frame may have") \
  X(MAPVEIL_E_STATE, -3, "the call is out of order, as a push without a begin") \
  X(MAPVEIL_E_FULL, -4, "more voxels, a longer tile or a larger map than this profile is sized for: use a larger leaf, or crop") \
  X(MAPVEIL_E_AUTH, -5, "authentication failed: another key, or bytes that were changed, cut, reordered or repeated") \
  X(MAPVEIL_E_FORMAT, -6, "the bytes are not what they should be: magic, version, length or entropy stream") \
  X(MAPVEIL_E_NONCE, -7, "a key or seed that was used before") \
  X(MAPVEIL_E_SELFTEST, -8, "the self-test found a wrong result: do not use this core on this machine") \
  X(MAPVEIL_E_TRAP, -100, "the core trapped, which it never should; it is poisoned until it is initialised again") \
  X(MAPVEIL_E_POISONED, -101, "an earlier call trapped: initialise the core again") \
  X(MAPVEIL_E_HANDLE, -102, "the handle is null, or no core was initialised there") \
  X(MAPVEIL_E_BUFFER_SIZE, -103, "the buffer is smaller than MAPVEIL_BUFFER_BYTES") \
  X(MAPVEIL_E_BUFFER_ALIGN, -104, "the buffer does not begin at a multiple of MAPVEIL_BUFFER_ALIGN") \
  X(MAPVEIL_E_ABI, -105, "header and library are of different major versions, or the library is older than the header") \
  X(MAPVEIL_E_BUSY, -106, "called while another call of the same core is under way")

/* Limits of the format and of every profile. */

/** Cell coordinates lie in [-CELL_LIMIT, CELL_LIMIT): 21 bits an axis, 63 bits a key. [cells] */
#define MAPVEIL_CELL_LIMIT 1048576
/** Smallest edge of a voxel (compared as f32). [millimetres] */
#define MAPVEIL_LEAF_MIN_MM 10
/** Largest edge of a voxel (compared as f32). [millimetres] */
#define MAPVEIL_LEAF_MAX_MM 10000
/** Largest point step that a driver may use. [bytes] */
#define MAPVEIL_POINT_STEP_MAX 4096
/** What a message grows by: one encrypted tag byte and a 16-byte authenticator. [bytes] */
#define MAPVEIL_MESSAGE_OVERHEAD 17
/** Smallest record, padding included: a small room looks like an empty one. [bytes] */
#define MAPVEIL_RECORD_BYTES_MIN 4096
/** Metadata fields below this number may be named by a policy; those from it on never pass. */
#define MAPVEIL_META_NEVER 32
/** Metadata fields have numbers below this one. */
#define MAPVEIL_META_COUNT 48
/** Longest metadata string that passes, UTF-8. [bytes] */
#define MAPVEIL_META_STRING_MAX 64

/* Limits and region sizes of the profile that MAPVEIL_PROFILE_* names; 0: no such region. */

#if defined(MAPVEIL_PROFILE_MICRO)
/**
 * Microcontrollers: at most 32 KiB of memory all in. One way: frames are sealed, nothing is opened
 * or read out.
 */
#define MAPVEIL_PROFILE_NAME "micro"
/** Voxels that one frame or tile may hold. [voxels] */
#define MAPVEIL_MAX_POINTS 1024
/** Point slots that one frame may push, empty ones included. [points] */
#define MAPVEIL_MAX_SLOTS 65536
/** Crop boxes of a policy. [boxes] */
#define MAPVEIL_BOX_COUNT_MAX 4
/** No-go areas of a policy. [areas] */
#define MAPVEIL_AREA_COUNT_MAX 4
/** Vertices of all no-go areas of a policy together. [vertices] */
#define MAPVEIL_VERTEX_COUNT_MAX 64
/** Largest plaintext of one message; the .veil format allows 65,536. [bytes] */
#define MAPVEIL_MESSAGE_BYTES 1024
#define MAPVEIL_LAYOUT_REGION_BYTES 152
#define MAPVEIL_POLICY_REGION_BYTES 832
#define MAPVEIL_FRAME_REGION_BYTES 128
#define MAPVEIL_METADATA_REGION_BYTES 512
#define MAPVEIL_INPUT_REGION_BYTES 6144
#define MAPVEIL_STATS_REGION_BYTES 100
#define MAPVEIL_PLAIN_REGION_BYTES 8192
#define MAPVEIL_CELLS_REGION_BYTES 0
#define MAPVEIL_VALUES_REGION_BYTES 0
#define MAPVEIL_MESSAGE_REGION_BYTES 1088
#define MAPVEIL_SEAL_REGION_BYTES 216
#define MAPVEIL_HEADER_REGION_BYTES 194
#define MAPVEIL_SEED_REGION_BYTES 64
#define MAPVEIL_MAP_REGION_BYTES 0
#elif defined(MAPVEIL_PROFILE_STANDARD)
/** Controllers with a few MiB: every export, frames of a robot's lidar. */
#define MAPVEIL_PROFILE_NAME "standard"
/** Voxels that one frame or tile may hold. [voxels] */
#define MAPVEIL_MAX_POINTS 65536
/** Point slots that one frame may push, empty ones included. [points] */
#define MAPVEIL_MAX_SLOTS 131072
/** Crop boxes of a policy. [boxes] */
#define MAPVEIL_BOX_COUNT_MAX 64
/** No-go areas of a policy. [areas] */
#define MAPVEIL_AREA_COUNT_MAX 64
/** Vertices of all no-go areas of a policy together. [vertices] */
#define MAPVEIL_VERTEX_COUNT_MAX 1024
/** Largest plaintext of one message; the .veil format allows 65,536. [bytes] */
#define MAPVEIL_MESSAGE_BYTES 65536
#define MAPVEIL_LAYOUT_REGION_BYTES 152
#define MAPVEIL_POLICY_REGION_BYTES 11904
#define MAPVEIL_FRAME_REGION_BYTES 128
#define MAPVEIL_METADATA_REGION_BYTES 4096
#define MAPVEIL_INPUT_REGION_BYTES 65536
#define MAPVEIL_STATS_REGION_BYTES 100
#define MAPVEIL_PLAIN_REGION_BYTES 1048576
#define MAPVEIL_CELLS_REGION_BYTES 786432
#define MAPVEIL_VALUES_REGION_BYTES 524288
#define MAPVEIL_MESSAGE_REGION_BYTES 65600
#define MAPVEIL_SEAL_REGION_BYTES 216
#define MAPVEIL_HEADER_REGION_BYTES 194
#define MAPVEIL_SEED_REGION_BYTES 64
#define MAPVEIL_MAP_REGION_BYTES 0
#elif defined(MAPVEIL_PROFILE_WIDE)
/** Hosts with an operating system: maps of a million voxels. What the Node host loads. */
#define MAPVEIL_PROFILE_NAME "wide"
/** Voxels that one frame or tile may hold. [voxels] */
#define MAPVEIL_MAX_POINTS 1048576
/** Point slots that one frame may push, empty ones included. [points] */
#define MAPVEIL_MAX_SLOTS 2097152
/** Crop boxes of a policy. [boxes] */
#define MAPVEIL_BOX_COUNT_MAX 64
/** No-go areas of a policy. [areas] */
#define MAPVEIL_AREA_COUNT_MAX 64
/** Vertices of all no-go areas of a policy together. [vertices] */
#define MAPVEIL_VERTEX_COUNT_MAX 1024
/** Largest plaintext of one message; the .veil format allows 65,536. [bytes] */
#define MAPVEIL_MESSAGE_BYTES 65536
#define MAPVEIL_LAYOUT_REGION_BYTES 152
#define MAPVEIL_POLICY_REGION_BYTES 12288
#define MAPVEIL_FRAME_REGION_BYTES 128
#define MAPVEIL_METADATA_REGION_BYTES 65536
#define MAPVEIL_INPUT_REGION_BYTES 1048576
#define MAPVEIL_STATS_REGION_BYTES 100
#define MAPVEIL_PLAIN_REGION_BYTES 16777216
#define MAPVEIL_CELLS_REGION_BYTES 12582912
#define MAPVEIL_VALUES_REGION_BYTES 8388608
#define MAPVEIL_MESSAGE_REGION_BYTES 66560
#define MAPVEIL_SEAL_REGION_BYTES 216
#define MAPVEIL_HEADER_REGION_BYTES 194
#define MAPVEIL_SEED_REGION_BYTES 64
#define MAPVEIL_MAP_REGION_BYTES 80
#endif

/* Regions: what mapveil_region(core, id) gives. */

/** In: how the sensor's driver lays a point out. */
#define MAPVEIL_REGION_LAYOUT 0
/**
 * In: what may leave of a frame, then boxes (BOX), no-go areas (AREA) and their vertices (VERTEX),
 * without gaps.
 */
#define MAPVEIL_REGION_POLICY 1
/** In: pose, stamp and size of the frame; secret offset of the session. */
#define MAPVEIL_REGION_FRAME 2
/**
 * In: metadata offered with the frame. Out: metadata of a decoded tile. Records, each with its
 * value behind it.
 */
#define MAPVEIL_REGION_METADATA 3
/** In: raw points of one push. Out: voxels that were read out (VOXEL). */
#define MAPVEIL_REGION_INPUT 4
/** Out: counters of the current frame. */
#define MAPVEIL_REGION_STATS 5
/** Plaintext: the record that was encoded, or that was opened and is to be decoded. */
#define MAPVEIL_REGION_PLAIN 6
/** Out: cells of a decoded tile. */
#define MAPVEIL_REGION_CELLS 7
/** Out: values of the voxels of a decoded tile, in the order of the cells. */
#define MAPVEIL_REGION_VALUES 8
/** One sealed message, out of seal_message or into open_message. */
#define MAPVEIL_REGION_MESSAGE 9
/** In: key material and header fields; wiped as soon as it was taken. */
#define MAPVEIL_REGION_SEAL 10
/** The header of a .veil artefact, out of seal_begin or into open_begin. */
#define MAPVEIL_REGION_HEADER 11
/** In: what seed() takes. Out: the stored seed for the next start. */
#define MAPVEIL_REGION_SEED 12
/** In: how map_begin makes a map. Out: how far it has come. */
#define MAPVEIL_REGION_MAP 13

/* CAP_*: Bits of capabilities(). */

/** Needs an engine with 128-bit SIMD; gives the same bytes. */
#define MAPVEIL_CAP_SIMD 1
/** Frames to voxels. */
#define MAPVEIL_CAP_FRAME 2
/** Voxels to tiles. */
#define MAPVEIL_CAP_TILE 4
/** Sealing. */
#define MAPVEIL_CAP_SEAL 8
/** Opening artefacts, decoding tiles, reading out. */
#define MAPVEIL_CAP_OPEN 16
/** Centroids and attributes. */
#define MAPVEIL_CAP_VALUES 32
/** Maps of many frames. */
#define MAPVEIL_CAP_MAP 64

/* LIMIT_*: What limit() tells of the profile. */

/** MAX_POINTS. */
#define MAPVEIL_LIMIT_VOXELS 0
/** MAX_SLOTS. */
#define MAPVEIL_LIMIT_SLOTS 1
/** BOX_COUNT_MAX. */
#define MAPVEIL_LIMIT_BOXES 2
/** AREA_COUNT_MAX. */
#define MAPVEIL_LIMIT_AREAS 3
/** VERTEX_COUNT_MAX. */
#define MAPVEIL_LIMIT_VERTICES 4
/** MESSAGE_BYTES. */
#define MAPVEIL_LIMIT_MESSAGE_BYTES 5

/* TYPE_*: FIELD.type: little-endian numbers. */

/** The point has no such field. */
#define MAPVEIL_TYPE_ABSENT 0
/** IEEE-754 binary32. */
#define MAPVEIL_TYPE_F32 1
/** IEEE-754 binary64. */
#define MAPVEIL_TYPE_F64 2
/** Signed. */
#define MAPVEIL_TYPE_I16 3
/** Signed. */
#define MAPVEIL_TYPE_I32 4
/** Unsigned. */
#define MAPVEIL_TYPE_U8 5
/** Unsigned. */
#define MAPVEIL_TYPE_U16 6
/** Unsigned. */
#define MAPVEIL_TYPE_U32 7

/* BOX_*: BOX.mode. */

/** Points inside are cropped. */
#define MAPVEIL_BOX_REMOVE 0
/** Points outside every kept box are cropped. */
#define MAPVEIL_BOX_KEEP 1

/* POINT_*: POLICY.point. */

/** A voxel is given by its cell alone; consumers place it at the cell's centre. */
#define MAPVEIL_POINT_CENTRE 0
/** A voxel also carries the mean of its points, quantised inside the cell. */
#define MAPVEIL_POINT_CENTROID 1

/* POSE_*: POLICY.pose. */

/**
 * No pose: sensor axes, and the lowest cell of the cloud becomes the origin. The tree's alignment
 * still tells where that cell lay modulo 4.
 */
#define MAPVEIL_POSE_DROP 0
/** The first pose of the session, moved by its secret offset, becomes the origin. */
#define MAPVEIL_POSE_SESSION 1
/** The pose as the robot knows it. */
#define MAPVEIL_POSE_KEEP 2
/**
 * As SESSION, but turned about the vertical alone, so that floors stay level. Needs a pose; only
 * for map_add, where CAP_MAP is.
 */
#define MAPVEIL_POSE_MAP 3

/* PAD_*: POLICY.padding. */

/** A record grows to the next power of two from 4 KiB. */
#define MAPVEIL_PAD_POWER_OF_TWO 0
/** A record grows by at most 12 % (Padmé). */
#define MAPVEIL_PAD_PADME 1
/**
 * From here up to the size of REGION_PLAIN: bytes of the first class; the others are its doubles,
 * and the region itself. In standard and wide only.
 */
#define MAPVEIL_PAD_FIRST_CLASS 64

/* META_*: Metadata fields: METADATA_RECORD.id, and their bits in POLICY.fields. */

/**
 * Capture time, u64 nanoseconds, floored as POLICY.time_ns says. Comes from FRAME, not as a record.
 */
#define MAPVEIL_META_TIME 1
/** Passes if the policy names it. */
#define MAPVEIL_META_FRAME_ID 2
/** Passes if the policy names it. */
#define MAPVEIL_META_TOPIC 3
/** Passes if the policy names it. */
#define MAPVEIL_META_SENSOR_MODEL 4
/** Passes if the policy names it. */
#define MAPVEIL_META_LABEL 5
/**
 * How well a release can be linked, as the host words it. Passes whenever it is offered, where
 * CAP_MAP is; no policy names it.
 */
#define MAPVEIL_META_LINKAGE 6
/** Never passes. */
#define MAPVEIL_META_SERIAL_NUMBER 32
/** Never passes. */
#define MAPVEIL_META_PART_NUMBER 33
/** Never passes. */
#define MAPVEIL_META_FIRMWARE 34
/** Never passes. */
#define MAPVEIL_META_HOST_NAME 35
/** Never passes. */
#define MAPVEIL_META_IP_ADDRESS 36
/** Never passes. */
#define MAPVEIL_META_MAC_ADDRESS 37
/** Never passes. */
#define MAPVEIL_META_WALL_CLOCK 38
/** Never passes as a record; POSE_KEEP keeps the map's frame. */
#define MAPVEIL_META_MAP_ORIGIN 39
/** Never passes. */
#define MAPVEIL_META_CALIBRATION 40
/** Never passes. */
#define MAPVEIL_META_GEO_POSITION 41
/** Never passes. */
#define MAPVEIL_META_SESSION_ID 42
/** Never passes. */
#define MAPVEIL_META_SOFTWARE 43
/** Never passes. */
#define MAPVEIL_META_COMMENT 44
/** Never passes. */
#define MAPVEIL_META_FILE_NAME 45
/** Never passes. */
#define MAPVEIL_META_RAW_TEXT 46
/** Point fields of the input that the policy does not keep: counted, never read. */
#define MAPVEIL_META_POINT_FIELD 47

/* MAP_*: Parts of a map that map_release gives. */

/** What stands still: may be encoded. */
#define MAPVEIL_MAP_KEPT 0
/** What moved, or was hit in too few scans: may be read out, and never leaves. */
#define MAPVEIL_MAP_REMOVED 1

/* FULL_*: MAP.full. */

/** No scan was refused for want of room. */
#define MAPVEIL_FULL_NOTHING 0
/** The map reaches over more blocks than there are. */
#define MAPVEIL_FULL_BLOCKS 1
/** More cells are held back than there is room for. */
#define MAPVEIL_FULL_HELD 2

/* FIELD_*: STATS.fields: what became of a metadata field. */

/** It was not there. */
#define MAPVEIL_FIELD_NOT_OFFERED 0
/** It is in the tile. */
#define MAPVEIL_FIELD_PASSED 1
/** It was there, and ends here. */
#define MAPVEIL_FIELD_STRIPPED 2

/* TAG_*: Tags of messages, as libsodium's secretstream has them. */

/** A record goes on in the next message. */
#define MAPVEIL_TAG_MESSAGE 0
/** End of a record. */
#define MAPVEIL_TAG_PUSH 1
/** Not sealed by the core; followed where it is met. */
#define MAPVEIL_TAG_REKEY 2
/** End of the artefact. */
#define MAPVEIL_TAG_FINAL 3

/* SUITE_*: HEADER.suite. */

/** X25519 sealed box, secretstream XChaCha20-Poly1305, BLAKE2b. */
#define MAPVEIL_SUITE_1 1

/* KIND_*: HEADER.kind: what an artefact holds. */

/** Single frames. */
#define MAPVEIL_KIND_FRAME 1
/** A map of many frames. */
#define MAPVEIL_KIND_MAP 2
/** A floor plan. */
#define MAPVEIL_KIND_GRID 3
/** A path. */
#define MAPVEIL_KIND_PATH 4

/* TILE_*: Bits of TILE.flags. */

/** Cells are in a frame that outlives the tile: tiles of one artefact fit together. */
#define MAPVEIL_TILE_HAS_ORIGIN 1

/* Structs. */


/** Where one value of a point lies: value = raw * scale + bias. */
typedef struct mapveil_field {
  /** From the start of the point; any alignment. [bytes; the field ends within the point step] */
  uint32_t offset;
  /** What stands there; TYPE_ABSENT leaves the field out (not x, y, z). [TYPE_*] */
  uint32_t type;
  /** Metres a step for x, y, z. [finite] */
  double scale;
  /** Metres for x, y, z. [finite] */
  double bias;
} mapveil_field;
#define MAPVEIL_FIELD_BYTES 24
MAPVEIL_ASSERT(mapveil_field_bytes, sizeof(mapveil_field) == 24);
MAPVEIL_ASSERT(mapveil_field_offset, offsetof(mapveil_field, offset) == 0);
MAPVEIL_ASSERT(mapveil_field_type, offsetof(mapveil_field, type) == 4);
MAPVEIL_ASSERT(mapveil_field_scale, offsetof(mapveil_field, scale) == 8);
MAPVEIL_ASSERT(mapveil_field_bias, offsetof(mapveil_field, bias) == 16);

/** A point of the driver's buffer, as sensor_msgs/PointCloud2 describes it. */
typedef struct mapveil_layout {
  /** From one point to the next. [bytes; 1..POINT_STEP_MAX] */
  uint32_t point_step;
  /** Reserved: write 0. */
  uint32_t reserved_4;
  /** Forward in the sensor's frame, after scale and bias. [metres] */
  mapveil_field x;
  /** Left in the sensor's frame. [metres] */
  mapveil_field y;
  /** Up in the sensor's frame. [metres] */
  mapveil_field z;
  /** Scaled by the host so that 0..1 spans the sensor's range; clamped in the core. [0..1] */
  mapveil_field intensity;
  /** Beam n, scaled to (n + 0.5) / 256. [0..1] */
  mapveil_field ring;
  /** Time of the point, scaled so that 0..1 spans the frame. [0..1] */
  mapveil_field time;
} mapveil_layout;
#define MAPVEIL_LAYOUT_BYTES 152
MAPVEIL_ASSERT(mapveil_layout_bytes, sizeof(mapveil_layout) == 152);
MAPVEIL_ASSERT(mapveil_layout_point_step, offsetof(mapveil_layout, point_step) == 0);
MAPVEIL_ASSERT(mapveil_layout_x, offsetof(mapveil_layout, x) == 8);
MAPVEIL_ASSERT(mapveil_layout_y, offsetof(mapveil_layout, y) == 32);
MAPVEIL_ASSERT(mapveil_layout_z, offsetof(mapveil_layout, z) == 56);
MAPVEIL_ASSERT(mapveil_layout_intensity, offsetof(mapveil_layout, intensity) == 80);
MAPVEIL_ASSERT(mapveil_layout_ring, offsetof(mapveil_layout, ring) == 104);
MAPVEIL_ASSERT(mapveil_layout_time, offsetof(mapveil_layout, time) == 128);

/** What the host knows of this frame. */
typedef struct mapveil_frame {
  /** Whether pose holds one. [0 or 1] */
  uint32_t has_pose;
  /** Whether stamp_ns holds a capture time. [0 or 1] */
  uint32_t has_stamp;
  /** Capture time since the Unix epoch. [nanoseconds] */
  uint64_t stamp_ns;
  /**
   * Sensor in map: translation x y z, then quaternion x y z w (normalised by the core). [metres;
   * finite, at most 1e9; not a zero quaternion]
   */
  double pose[7];
  /**
   * Taken and zeroed by session_begin: a secret offset of the session's map (x y z) and a direction
   * (u v) whose angle is its secret yaw; u = v = 0 stands for no turn. [metres; finite, at most
   * 1e9]
   */
  double session_offset[5];
  /**
   * Point slots that the frame will push, 0 if unknown: the first size of the table of bricks.
   * [points]
   */
  uint32_t slots;
  /** Reserved: write 0. */
  uint32_t reserved_116;
  /**
   * Seed of the hash that finds bricks, 0 for a fixed one. A secret seed keeps whoever places the
   * points from choosing cells that collide; the result does not depend on it.
   */
  uint64_t seed;
} mapveil_frame;
#define MAPVEIL_FRAME_BYTES 128
MAPVEIL_ASSERT(mapveil_frame_bytes, sizeof(mapveil_frame) == 128);
MAPVEIL_ASSERT(mapveil_frame_has_pose, offsetof(mapveil_frame, has_pose) == 0);
MAPVEIL_ASSERT(mapveil_frame_has_stamp, offsetof(mapveil_frame, has_stamp) == 4);
MAPVEIL_ASSERT(mapveil_frame_stamp_ns, offsetof(mapveil_frame, stamp_ns) == 8);
MAPVEIL_ASSERT(mapveil_frame_pose, offsetof(mapveil_frame, pose) == 16);
MAPVEIL_ASSERT(mapveil_frame_session_offset, offsetof(mapveil_frame, session_offset) == 72);
MAPVEIL_ASSERT(mapveil_frame_slots, offsetof(mapveil_frame, slots) == 112);
MAPVEIL_ASSERT(mapveil_frame_seed, offsetof(mapveil_frame, seed) == 120);

/**
 * What may leave of a frame: the fixed part. Behind it box_count BOX, area_count AREA and
 * vertex_count VERTEX follow.
 */
typedef struct mapveil_policy {
  /** The edge of a voxel. [metres; LEAF_MIN_MM..LEAF_MAX_MM] */
  float leaf_m;
  /** Whether a voxel carries more than its cell. [POINT_*] */
  uint32_t point;
  /** Which frame the cells are in. [POSE_*] */
  uint32_t pose;
  /** Size classes of the records. [PAD_*, or the bytes of a first class] */
  uint32_t padding;
  /** Capture times are floored to a multiple of it; 0 drops the time. [nanoseconds] */
  uint64_t time_ns;
  /**
   * Bit i lets metadata field i pass; any other bit is refused. [bits META_FRAME_ID, META_TOPIC,
   * META_SENSOR_MODEL, META_LABEL]
   */
  uint64_t fields;
  /** Kept of the intensity; 0 drops it. [bits; 0..8] */
  uint32_t intensity_bits;
  /** Kept of the ring; 0 drops it. [bits; 0..8] */
  uint32_t ring_bits;
  /** Kept of the time of a point; 0 drops it. [bits; 0..8] */
  uint32_t time_bits;
  /**
   * Kept of a centroid's offset inside its voxel, an axis. [bits; 1..6 with POINT_CENTROID, else
   * not read]
   */
  uint32_t centroid_bits;
  /** Nearer points are cropped; from the sensor. [metres; 0 or more] */
  float range_min;
  /**
   * Farther points are cropped; from the sensor. [metres; range_min or more, infinity for no limit]
   */
  float range_max;
  /**
   * Along z of the map frame (of the sensor without a pose); lower points are cropped. [metres;
   * minus infinity for no limit]
   */
  float height_min;
  /** Higher points are cropped. [metres; height_min or more, infinity for no limit] */
  float height_max;
  /** Every no-go area is grown by it before it is applied. [metres; 0 or more, finite] */
  float dilate_m;
  /** Boxes behind the fixed part. [0..BOX_COUNT_MAX] */
  uint32_t box_count;
  /** No-go areas behind the boxes. [0..AREA_COUNT_MAX] */
  uint32_t area_count;
  /** Vertices behind the areas. [0..VERTEX_COUNT_MAX; the sum of the areas' vertices] */
  uint32_t vertex_count;
} mapveil_policy;
#define MAPVEIL_POLICY_BYTES 80
MAPVEIL_ASSERT(mapveil_policy_bytes, sizeof(mapveil_policy) == 80);
MAPVEIL_ASSERT(mapveil_policy_leaf_m, offsetof(mapveil_policy, leaf_m) == 0);
MAPVEIL_ASSERT(mapveil_policy_point, offsetof(mapveil_policy, point) == 4);
MAPVEIL_ASSERT(mapveil_policy_pose, offsetof(mapveil_policy, pose) == 8);
MAPVEIL_ASSERT(mapveil_policy_padding, offsetof(mapveil_policy, padding) == 12);
MAPVEIL_ASSERT(mapveil_policy_time_ns, offsetof(mapveil_policy, time_ns) == 16);
MAPVEIL_ASSERT(mapveil_policy_fields, offsetof(mapveil_policy, fields) == 24);
MAPVEIL_ASSERT(mapveil_policy_intensity_bits, offsetof(mapveil_policy, intensity_bits) == 32);
MAPVEIL_ASSERT(mapveil_policy_ring_bits, offsetof(mapveil_policy, ring_bits) == 36);
MAPVEIL_ASSERT(mapveil_policy_time_bits, offsetof(mapveil_policy, time_bits) == 40);
MAPVEIL_ASSERT(mapveil_policy_centroid_bits, offsetof(mapveil_policy, centroid_bits) == 44);
MAPVEIL_ASSERT(mapveil_policy_range_min, offsetof(mapveil_policy, range_min) == 48);
MAPVEIL_ASSERT(mapveil_policy_range_max, offsetof(mapveil_policy, range_max) == 52);
MAPVEIL_ASSERT(mapveil_policy_height_min, offsetof(mapveil_policy, height_min) == 56);
MAPVEIL_ASSERT(mapveil_policy_height_max, offsetof(mapveil_policy, height_max) == 60);
MAPVEIL_ASSERT(mapveil_policy_dilate_m, offsetof(mapveil_policy, dilate_m) == 64);
MAPVEIL_ASSERT(mapveil_policy_box_count, offsetof(mapveil_policy, box_count) == 68);
MAPVEIL_ASSERT(mapveil_policy_area_count, offsetof(mapveil_policy, area_count) == 72);
MAPVEIL_ASSERT(mapveil_policy_vertex_count, offsetof(mapveil_policy, vertex_count) == 76);

/** A crop box in the sensor's frame. */
typedef struct mapveil_box {
  /** What the box does. [BOX_REMOVE or BOX_KEEP] */
  uint32_t mode;
  /** x y z. [metres; finite] */
  float centre[3];
  /** Half extents along the box's own axes. [metres; 0 or more] */
  float half[3];
  /** Box in sensor, x y z w (normalised by the core). [finite, not zero] */
  float quaternion[4];
} mapveil_box;
#define MAPVEIL_BOX_BYTES 44
MAPVEIL_ASSERT(mapveil_box_bytes, sizeof(mapveil_box) == 44);
MAPVEIL_ASSERT(mapveil_box_mode, offsetof(mapveil_box, mode) == 0);
MAPVEIL_ASSERT(mapveil_box_centre, offsetof(mapveil_box, centre) == 4);
MAPVEIL_ASSERT(mapveil_box_half, offsetof(mapveil_box, half) == 16);
MAPVEIL_ASSERT(mapveil_box_quaternion, offsetof(mapveil_box, quaternion) == 28);

/**
 * A no-go area: a polygon between two heights, in the map frame (of the sensor without a pose). Its
 * vertices follow in the vertex list, in the order of the areas.
 */
typedef struct mapveil_area {
  /** Vertices of this area. [3 or more] */
  uint32_t vertices;
  /** Lower end. [metres] */
  float z_min;
  /** Upper end. [metres; z_min or more] */
  float z_max;
} mapveil_area;
#define MAPVEIL_AREA_BYTES 12
MAPVEIL_ASSERT(mapveil_area_bytes, sizeof(mapveil_area) == 12);
MAPVEIL_ASSERT(mapveil_area_vertices, offsetof(mapveil_area, vertices) == 0);
MAPVEIL_ASSERT(mapveil_area_z_min, offsetof(mapveil_area, z_min) == 4);
MAPVEIL_ASSERT(mapveil_area_z_max, offsetof(mapveil_area, z_max) == 8);

/** A corner of a no-go area, in the map frame (of the sensor without a pose). */
typedef struct mapveil_vertex {
  /** Along x. [metres; finite] */
  float x;
  /** Along y. [metres; finite] */
  float y;
} mapveil_vertex;
#define MAPVEIL_VERTEX_BYTES 8
MAPVEIL_ASSERT(mapveil_vertex_bytes, sizeof(mapveil_vertex) == 8);
MAPVEIL_ASSERT(mapveil_vertex_x, offsetof(mapveil_vertex, x) == 0);
MAPVEIL_ASSERT(mapveil_vertex_y, offsetof(mapveil_vertex, y) == 4);

/**
 * Head of a metadata record; its value follows at once, and the next record behind that, unaligned.
 * Offsets in bytes; no C struct, since fields are not aligned.
 */
#define MAPVEIL_METADATA_RECORD_BYTES 4
/** Which field. [u16; META_*] */
#define MAPVEIL_METADATA_RECORD_ID 0
/** Length of the value. [u16 bytes] */
#define MAPVEIL_METADATA_RECORD_LENGTH 2

/**
 * Counters of the current frame, in points unless said otherwise. Each point counts once, under the
 * first rule that removed it.
 */
typedef struct mapveil_stats {
  /** Slots pushed. [points] */
  uint32_t points_in;
  /** Dropped: a coordinate is no number. [points] */
  uint32_t nan;
  /** Dropped: a coordinate is infinite. [points] */
  uint32_t inf;
  /** Dropped: exactly 0 0 0, the placeholder of an empty slot. [points] */
  uint32_t zero;
  /** Dropped: beyond the 21-bit range of the cells. [points] */
  uint32_t domain;
  /** Cropped by a no-go area. [points] */
  uint32_t no_go;
  /** Cropped by the range. [points] */
  uint32_t range;
  /** Cropped by the height. [points] */
  uint32_t height;
  /** Cropped by a box. [points] */
  uint32_t box;
  /** Points that are in voxels. [points] */
  uint32_t kept;
  /** Voxels of the finished frame. [voxels] */
  uint32_t voxels;
  /** Length of the encoded tile. [bytes] */
  uint32_t tile_bytes;
  /** Length of the record: the tile with its padding. [bytes] */
  uint32_t padded_bytes;
  /** What became of each metadata field (META_*). [FIELD_*] */
  uint8_t fields[48];
} mapveil_stats;
#define MAPVEIL_STATS_BYTES 100
MAPVEIL_ASSERT(mapveil_stats_bytes, sizeof(mapveil_stats) == 100);
MAPVEIL_ASSERT(mapveil_stats_points_in, offsetof(mapveil_stats, points_in) == 0);
MAPVEIL_ASSERT(mapveil_stats_nan, offsetof(mapveil_stats, nan) == 4);
MAPVEIL_ASSERT(mapveil_stats_inf, offsetof(mapveil_stats, inf) == 8);
MAPVEIL_ASSERT(mapveil_stats_zero, offsetof(mapveil_stats, zero) == 12);
MAPVEIL_ASSERT(mapveil_stats_domain, offsetof(mapveil_stats, domain) == 16);
MAPVEIL_ASSERT(mapveil_stats_no_go, offsetof(mapveil_stats, no_go) == 20);
MAPVEIL_ASSERT(mapveil_stats_range, offsetof(mapveil_stats, range) == 24);
MAPVEIL_ASSERT(mapveil_stats_height, offsetof(mapveil_stats, height) == 28);
MAPVEIL_ASSERT(mapveil_stats_box, offsetof(mapveil_stats, box) == 32);
MAPVEIL_ASSERT(mapveil_stats_kept, offsetof(mapveil_stats, kept) == 36);
MAPVEIL_ASSERT(mapveil_stats_voxels, offsetof(mapveil_stats, voxels) == 40);
MAPVEIL_ASSERT(mapveil_stats_tile_bytes, offsetof(mapveil_stats, tile_bytes) == 44);
MAPVEIL_ASSERT(mapveil_stats_padded_bytes, offsetof(mapveil_stats, padded_bytes) == 48);
MAPVEIL_ASSERT(mapveil_stats_fields, offsetof(mapveil_stats, fields) == 52);

/** One voxel as frame_voxels reads it out, in the output frame. */
typedef struct mapveil_voxel {
  /** Centre, or centroid, as the policy says. [metres] */
  float x;
  /** Centre or centroid. [metres] */
  float y;
  /** Centre or centroid. [metres] */
  float z;
  /** Points in the voxel; 0 for centres. [points] */
  float points;
} mapveil_voxel;
#define MAPVEIL_VOXEL_BYTES 16
MAPVEIL_ASSERT(mapveil_voxel_bytes, sizeof(mapveil_voxel) == 16);
MAPVEIL_ASSERT(mapveil_voxel_x, offsetof(mapveil_voxel, x) == 0);
MAPVEIL_ASSERT(mapveil_voxel_y, offsetof(mapveil_voxel, y) == 4);
MAPVEIL_ASSERT(mapveil_voxel_z, offsetof(mapveil_voxel, z) == 8);
MAPVEIL_ASSERT(mapveil_voxel_points, offsetof(mapveil_voxel, points) == 12);

/** Place of one decoded voxel, in cells: its lowest corner is cell * leaf. */
typedef struct mapveil_cell {
  /** Along x. [cells] */
  int32_t x;
  /** Along y. [cells] */
  int32_t y;
  /** Along z. [cells] */
  int32_t z;
} mapveil_cell;
#define MAPVEIL_CELL_BYTES 12
MAPVEIL_ASSERT(mapveil_cell_bytes, sizeof(mapveil_cell) == 12);
MAPVEIL_ASSERT(mapveil_cell_x, offsetof(mapveil_cell, x) == 0);
MAPVEIL_ASSERT(mapveil_cell_y, offsetof(mapveil_cell, y) == 4);
MAPVEIL_ASSERT(mapveil_cell_z, offsetof(mapveil_cell, z) == 8);

/**
 * Values of one decoded voxel, of as many bits as the tile's header says; absent ones are 0. A
 * value v of b bits stands for (v + 0.5) / 2^b.
 */
typedef struct mapveil_value {
  /** Mean of the points, from the cell's lowest corner. [of a cell] */
  uint8_t centroid_x;
  /** Along y. [of a cell] */
  uint8_t centroid_y;
  /** Along z. [of a cell] */
  uint8_t centroid_z;
  /** Mean intensity. [of the range] */
  uint8_t intensity;
  /** Mean ring. [of 256 beams] */
  uint8_t ring;
  /** Mean time. [of the frame] */
  uint8_t time;
  /** Reserved: write 0. */
  uint8_t reserved_6[2];
} mapveil_value;
#define MAPVEIL_VALUE_BYTES 8
MAPVEIL_ASSERT(mapveil_value_bytes, sizeof(mapveil_value) == 8);
MAPVEIL_ASSERT(mapveil_value_centroid_x, offsetof(mapveil_value, centroid_x) == 0);
MAPVEIL_ASSERT(mapveil_value_centroid_y, offsetof(mapveil_value, centroid_y) == 1);
MAPVEIL_ASSERT(mapveil_value_centroid_z, offsetof(mapveil_value, centroid_z) == 2);
MAPVEIL_ASSERT(mapveil_value_intensity, offsetof(mapveil_value, intensity) == 3);
MAPVEIL_ASSERT(mapveil_value_ring, offsetof(mapveil_value, ring) == 4);
MAPVEIL_ASSERT(mapveil_value_time, offsetof(mapveil_value, time) == 5);

/**
 * A map of many frames: map_begin takes the first fields, every call of the map writes those from
 * scans on.
 */
typedef struct mapveil_map {
  /** Nothing younger than this is released. [nanoseconds; 0..3600e9] */
  uint64_t hold_ns;
  /**
   * Scans whose hits and free space are put together before empty space is told from it. [scans;
   * 1..8]
   */
  uint32_t window_scans;
  /** How far from the sensor free space is looked for, along x and y. [cells; 1..255] */
  uint32_t carve_cells;
  /** So many cells before what it hit a ray tells nothing any more. [cells; 0..8] */
  uint32_t gap_cells;
  /**
   * 1 where the lidar measures in one plane: empty space is told from that plane alone. [0 or 1]
   */
  uint32_t flat;
  /**
   * Windows in which a cell must have been empty before what was hit in it counts as moving.
   * [windows; 1..3]
   */
  uint32_t void_min;
  /** Scans that must have hit a cell before it is released. [scans; 1..255] */
  uint32_t hits_min;
  /** A cell hit in no more scans than this goes with a neighbour that was empty. [scans; 0..255] */
  uint32_t vote_hits;
  /**
   * The same for a cell hit in no more scans than this with crowd_voids such neighbours. [scans;
   * 0..255]
   */
  uint32_t crowd_hits;
  /** How many of the 26 neighbours (flat: 8) that is. [cells; 1..26] */
  uint32_t crowd_voids;
  /** Out: scans that were taken, those that are held back included. [scans] */
  uint32_t scans;
  /** Out: scans that are held back. [scans] */
  uint32_t held_scans;
  /** Out: cells of these scans, with three a scan for its head. [cells] */
  uint32_t held_cells;
  /** Out: how many there is room for. [cells] */
  uint32_t held_cells_max;
  /** Out: blocks of 64 x 64 x 16 cells in use. [blocks] */
  uint32_t blocks;
  /** Out: how many there are. [blocks] */
  uint32_t blocks_max;
  /**
   * Out: empty cells that were not kept, since no block was left for them; stays at its highest.
   * [cells]
   */
  uint32_t voids_lost;
  /** Out: what the scan that was refused last had no room in. [FULL_*] */
  uint32_t full;
  /** Reserved: write 0. */
  uint32_t reserved_76;
} mapveil_map;
#define MAPVEIL_MAP_BYTES 80
MAPVEIL_ASSERT(mapveil_map_bytes, sizeof(mapveil_map) == 80);
MAPVEIL_ASSERT(mapveil_map_hold_ns, offsetof(mapveil_map, hold_ns) == 0);
MAPVEIL_ASSERT(mapveil_map_window_scans, offsetof(mapveil_map, window_scans) == 8);
MAPVEIL_ASSERT(mapveil_map_carve_cells, offsetof(mapveil_map, carve_cells) == 12);
MAPVEIL_ASSERT(mapveil_map_gap_cells, offsetof(mapveil_map, gap_cells) == 16);
MAPVEIL_ASSERT(mapveil_map_flat, offsetof(mapveil_map, flat) == 20);
MAPVEIL_ASSERT(mapveil_map_void_min, offsetof(mapveil_map, void_min) == 24);
MAPVEIL_ASSERT(mapveil_map_hits_min, offsetof(mapveil_map, hits_min) == 28);
MAPVEIL_ASSERT(mapveil_map_vote_hits, offsetof(mapveil_map, vote_hits) == 32);
MAPVEIL_ASSERT(mapveil_map_crowd_hits, offsetof(mapveil_map, crowd_hits) == 36);
MAPVEIL_ASSERT(mapveil_map_crowd_voids, offsetof(mapveil_map, crowd_voids) == 40);
MAPVEIL_ASSERT(mapveil_map_scans, offsetof(mapveil_map, scans) == 44);
MAPVEIL_ASSERT(mapveil_map_held_scans, offsetof(mapveil_map, held_scans) == 48);
MAPVEIL_ASSERT(mapveil_map_held_cells, offsetof(mapveil_map, held_cells) == 52);
MAPVEIL_ASSERT(mapveil_map_held_cells_max, offsetof(mapveil_map, held_cells_max) == 56);
MAPVEIL_ASSERT(mapveil_map_blocks, offsetof(mapveil_map, blocks) == 60);
MAPVEIL_ASSERT(mapveil_map_blocks_max, offsetof(mapveil_map, blocks_max) == 64);
MAPVEIL_ASSERT(mapveil_map_voids_lost, offsetof(mapveil_map, voids_lost) == 68);
MAPVEIL_ASSERT(mapveil_map_full, offsetof(mapveil_map, full) == 72);

/** Randomness for seal_key. */
typedef struct mapveil_seeds {
  /**
   * Secret, from non-volatile memory; seed() leaves the one for the next start here. [not all
   * zeros, another value at every start]
   */
  uint8_t stored[32];
  /** From a true random number generator, zeros if there is none; taken and zeroed. */
  uint8_t fresh[32];
} mapveil_seeds;
#define MAPVEIL_SEEDS_BYTES 64
MAPVEIL_ASSERT(mapveil_seeds_bytes, sizeof(mapveil_seeds) == 64);
MAPVEIL_ASSERT(mapveil_seeds_stored, offsetof(mapveil_seeds, stored) == 0);
MAPVEIL_ASSERT(mapveil_seeds_fresh, offsetof(mapveil_seeds, fresh) == 32);

/**
 * Key material and header fields of an artefact, written by the host or seal_key, wiped when taken.
 */
typedef struct mapveil_seal {
  /** Random, for this artefact alone. [not all zeros, never used before] */
  uint8_t data_key[32];
  /** Random: the header of the secretstream. [not all zeros] */
  uint8_t stream_header[24];
  /** First 8 bytes of BLAKE2b-256 of the recipient's public key, keyed mapveil.key-id.v1. */
  uint8_t key_id[8];
  /** crypto_box_seal of the data key for the recipient. */
  uint8_t sealed_key[80];
  /** Digest of the policy, for the header. */
  uint8_t policy_digest[32];
  /** Permission epoch, for the header. */
  uint64_t epoch;
  /**
   * X25519 public key for which seal_key seals the data key; not read by others. [a point that is
   * not of low order]
   */
  uint8_t recipient[32];
} mapveil_seal;
#define MAPVEIL_SEAL_BYTES 216
MAPVEIL_ASSERT(mapveil_seal_bytes, sizeof(mapveil_seal) == 216);
MAPVEIL_ASSERT(mapveil_seal_data_key, offsetof(mapveil_seal, data_key) == 0);
MAPVEIL_ASSERT(mapveil_seal_stream_header, offsetof(mapveil_seal, stream_header) == 32);
MAPVEIL_ASSERT(mapveil_seal_key_id, offsetof(mapveil_seal, key_id) == 56);
MAPVEIL_ASSERT(mapveil_seal_sealed_key, offsetof(mapveil_seal, sealed_key) == 64);
MAPVEIL_ASSERT(mapveil_seal_policy_digest, offsetof(mapveil_seal, policy_digest) == 144);
MAPVEIL_ASSERT(mapveil_seal_epoch, offsetof(mapveil_seal, epoch) == 176);
MAPVEIL_ASSERT(mapveil_seal_recipient, offsetof(mapveil_seal, recipient) == 184);

/**
 * Header of a .veil artefact: bytes in a row, little-endian, partly unaligned.
 * Offsets in bytes; no C struct, since fields are not aligned.
 */
#define MAPVEIL_HEADER_BYTES 194
/** "MVEIL\x01". [u8 x 6] */
#define MAPVEIL_HEADER_MAGIC 0
/** Algorithms. [u8; SUITE_*] */
#define MAPVEIL_HEADER_SUITE 6
/** What is inside. [u8; KIND_*] */
#define MAPVEIL_HEADER_KIND 7
/** Length of this header. [u16 bytes; HEADER_BYTES] */
#define MAPVEIL_HEADER_LENGTH 8
/** First 8 bytes of BLAKE2b-256 of the recipient's public key, keyed mapveil.key-id.v1. [u8 x 8] */
#define MAPVEIL_HEADER_KEY_ID 10
/** crypto_box_seal of the data key. [u8 x 80] */
#define MAPVEIL_HEADER_SEALED_KEY 18
/** Header of the secretstream. [u8 x 24] */
#define MAPVEIL_HEADER_STREAM 98
/** Keyed BLAKE2b-256 of the data key. [u8 x 32] */
#define MAPVEIL_HEADER_COMMITMENT 122
/** Digest of the policy. [u8 x 32] */
#define MAPVEIL_HEADER_POLICY_DIGEST 154
/** Permission epoch. [u64] */
#define MAPVEIL_HEADER_EPOCH 186

/**
 * Header of a tile, the plaintext of one record; metadata records, the octree and values follow.
 * Offsets in bytes; no C struct, since fields are not aligned.
 */
#define MAPVEIL_TILE_BYTES 36
/** "MVT\x01". [u8 x 4] */
#define MAPVEIL_TILE_MAGIC 0
/** Length of the whole tile; what follows in the record is padding. [u32 bytes] */
#define MAPVEIL_TILE_LENGTH 4
/** Bit set. [u8; TILE_HAS_ORIGIN] */
#define MAPVEIL_TILE_FLAGS 8
/** Depth of the octree; 0 for an empty tile. [u8 levels; 0..21] */
#define MAPVEIL_TILE_DEPTH 9
/** Size of each centroid value, an axis; 0 if absent. [u8 bits; 0..6] */
#define MAPVEIL_TILE_CENTROID_BITS 10
/** Size of each intensity; 0 if absent. [u8 bits; 0..8] */
#define MAPVEIL_TILE_INTENSITY_BITS 11
/** Size of each ring; 0 if absent. [u8 bits; 0..8] */
#define MAPVEIL_TILE_RING_BITS 12
/** Size of each time; 0 if absent. [u8 bits; 0..8] */
#define MAPVEIL_TILE_TIME_BITS 13
/** Length of the metadata records right behind the header. [u16 bytes] */
#define MAPVEIL_TILE_METADATA_BYTES 14
/** The edge of a voxel. [f32 metres] */
#define MAPVEIL_TILE_LEAF_M 16
/** Voxels in the tile. [u32 voxels] */
#define MAPVEIL_TILE_VOXELS 20
/**
 * Lowest corner of the octree, what a leaf's coordinates are added to. With TILE_HAS_ORIGIN cells
 * of the map frame, a multiple of 4; else -3..0, such that the lowest cell of the tile is 0 0 0.
 * [i32 x 3 cells]
 */
#define MAPVEIL_TILE_ORIGIN 24

#endif
